import Testing

@testable import PostgresStore

@Suite struct NumberedParametersTests {
    @Test(arguments: [
        ("SELECT 1", "SELECT 1"),
        ("SELECT ? + ?", "SELECT $1 + $2"),
        ("WHERE a = :first AND b = :second OR c = :first", "WHERE a = $1 AND b = $2 OR c = $1"),
        ("WHERE a = :order_1 AND b = ?", "WHERE a = $1 AND b = $2"),
        ("SELECT :a::text, b::bigint", "SELECT $1::text, b::bigint"),
        ("SELECT ':no?', \"?:no\", 'it''s ?', :yes", "SELECT ':no?', \"?:no\", 'it''s ?', $1"),
        ("SELECT 1 -- :no ?\nWHERE ?", "SELECT 1 -- :no ?\nWHERE $1"),
        ("SELECT $1::text[]", "SELECT $1::text[]"),
        ("SELECT a[1:2], 'ü', :ü", "SELECT a[1:2], 'ü', :ü"),
        ("'never ends ?", "'never ends ?"),
        ("SELECT 1 -- ends here ?", "SELECT 1 -- ends here ?"),
    ])
    func `each name gets one number and each question mark its own, outside quotes and comments`(
        text: String, numbered: String
    ) {
        #expect(NumberedParameters(text).sql == numbered)
    }
}
