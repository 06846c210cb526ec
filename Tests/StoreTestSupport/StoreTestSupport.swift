/// A database of each kind for a test.
enum StoreTestSupport {}
