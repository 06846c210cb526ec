import Testing

@testable import SQLiteStore

struct CommitQueueTests {
    @Test func `the first write starts a commit, and the writes behind it wait`() {
        var queue = CommitQueue<Int>(writesPerCommit: 9)
        #expect(queue.arrive(1) == .commit)
        #expect(queue.arrive(2) == .wait)
        #expect(queue.takeNext() == [1, 2])
    }

    @Test func `writes that arrive during a commit share the next commit`() {
        var queue = CommitQueue<Int>(writesPerCommit: 9)
        _ = queue.arrive(1)
        #expect(queue.takeNext() == [1])
        #expect(queue.arrive(2) == .wait)
        #expect(queue.arrive(3) == .wait)
        #expect(queue.committed() == .commit)
        #expect(queue.takeNext() == [2, 3])
    }

    @Test func `after a commit with an empty queue, the next write starts a commit`() {
        var queue = CommitQueue<Int>(writesPerCommit: 9)
        _ = queue.arrive(1)
        _ = queue.takeNext()
        #expect(queue.committed() == .rest)
        #expect(queue.arrive(2) == .commit)
    }

    @Test func `no commit takes more writes than its limit, and writes keep their order`() {
        var queue = CommitQueue<Int>(writesPerCommit: 3)
        for write in 1...7 { _ = queue.arrive(write) }
        #expect(takeAll(&queue) == [[1, 2, 3], [4, 5, 6], [7]])
    }

    @Test func `with a limit of one, each write has its own commit`() {
        var queue = CommitQueue<Int>(writesPerCommit: 1)
        for write in 1...3 { _ = queue.arrive(write) }
        #expect(takeAll(&queue) == [[1], [2], [3]])
    }

    @Test func `a write that goes alone shares its commit with no other write`() {
        var queue = CommitQueue<Int>(writesPerCommit: 9)
        for write in 1...6 { _ = queue.arrive(write, goesAlone: write == 3 || write == 4) }
        #expect(takeAll(&queue) == [[1, 2], [3], [4], [5, 6]])
    }

    @Test func `a closed queue still gives its waiting writes, and refuses new ones`() {
        var queue = CommitQueue<Int>(writesPerCommit: 1)
        for write in 1...2 { _ = queue.arrive(write) }
        queue.close()
        #expect(queue.arrive(3) == .refuse)
        #expect(queue.takeNext() == [1])
        #expect(queue.committed() == .rest)
        #expect(queue.takeNext() == [2])
        #expect(queue.takeNext() == [])
    }

    private func takeAll(_ queue: inout CommitQueue<Int>) -> [[Int]] {
        var commits: [[Int]] = []
        while case let commit = queue.takeNext(), !commit.isEmpty { commits.append(commit) }
        return commits
    }
}
