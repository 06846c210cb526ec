import Testing

@testable import PayStore

struct CommitQueueTests {
    @Test func `the first to come begins, and those behind it wait`() {
        var queue = CommitQueue<Int>(writesPerCommit: 9)
        #expect(queue.arrive(1) == .commit)
        #expect(queue.arrive(2) == .wait)
        #expect(queue.takeNext() == [1, 2])
    }

    @Test func `whoever comes during a commit goes into the next, together with all that came`() {
        var queue = CommitQueue<Int>(writesPerCommit: 9)
        _ = queue.arrive(1)
        #expect(queue.takeNext() == [1])
        #expect(queue.arrive(2) == .wait)
        #expect(queue.arrive(3) == .wait)
        #expect(queue.committed() == .commit)
        #expect(queue.takeNext() == [2, 3])
    }

    @Test func `behind a commit for which nobody waits there is rest, and the next to come begins again`() {
        var queue = CommitQueue<Int>(writesPerCommit: 9)
        _ = queue.arrive(1)
        _ = queue.takeNext()
        #expect(queue.committed() == .rest)
        #expect(queue.arrive(2) == .commit)
    }

    @Test func `no commit takes more than its limit, and the order is that in which they came`() {
        var queue = CommitQueue<Int>(writesPerCommit: 3)
        for write in 1...7 { _ = queue.arrive(write) }
        #expect(takeAll(&queue) == [[1, 2, 3], [4, 5, 6], [7]])
    }

    @Test func `with a limit of one each has a commit of its own`() {
        var queue = CommitQueue<Int>(writesPerCommit: 1)
        for write in 1...3 { _ = queue.arrive(write) }
        #expect(takeAll(&queue) == [[1], [2], [3]])
    }

    @Test func `one that goes alone shares its commit neither with those before it nor with those behind it`() {
        var queue = CommitQueue<Int>(writesPerCommit: 9)
        for write in 1...6 { _ = queue.arrive(write, goesAlone: write == 3 || write == 4) }
        #expect(takeAll(&queue) == [[1, 2], [3], [4], [5, 6]])
    }

    @Test func `what waits at the end is still taken, what comes afterwards is refused`() {
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
