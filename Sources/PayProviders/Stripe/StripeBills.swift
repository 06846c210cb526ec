import PayCore
import PayFlow

/// Stripe's balance transactions of a day, as a bill. The list is complete when the day is over: a day without payments
/// is an empty bill.
struct StripeBills: BillSource {
    /// Few enough that a page stays below the transport's limit: an expanded charge has several kilobytes.
    private static let transactionsPerPage = 50

    let provider: StripeProvider
    let downloads: FileDownloader

    func bill(
        of day: BillDay, _ take: @Sendable ([BillRow]) async throws -> Void
    ) async throws -> BillAnswer {
        guard provider.clock.now() >= day.end else { return .notReady(reason: BillDay.notOver) }
        let (file, digest): (SpoolFile, String)
        do throws(NoBill) {
            (file, digest) = try await collect(day)
        } catch {
            return error.answer
        }
        return BillAnswer(
            try await BillReading.handOver(FileBytes(file), to: StripeBillParser(day: day), take), digest: digest)
    }

    /// Writes the transactions of every page to a temporary file, so that none is handed over before the last page came.
    private func collect(_ day: BillDay) async throws(NoBill) -> (file: SpoolFile, digest: String) {
        let file: SpoolFile
        do throws(BillFlaw) {
            file = try downloads.newFile()
        } catch {
            throw NoBill(error)
        }
        var last: String?
        var page: StripeBalancePage
        repeat {
            page = try await self.page(of: day, after: last)
            guard page.data.allSatisfy({ file.append(StripeBillParser.text($0)) }) else {
                throw NoBill(file.flaw ?? BillFlaw("the temporary file failed"))
            }
            // Without a new place in the list, the same page would come again and again.
            let next = page.data.last?.id
            guard !page.has_more || (next != nil && next != last) else {
                throw NoBill(BillFlaw("the list of balance transactions does not go on"))
            }
            guard file.count < BillLimits.downloadBytes else { throw NoBill(BillFlaw("the bill is larger than 1 GiB")) }
            last = next
        } while page.has_more
        do throws(BillFlaw) {
            return (file, try await file.digest())
        } catch {
            throw NoBill(error)
        }
    }

    private func page(of day: BillDay, after last: String?) async throws(NoBill) -> StripeBalancePage {
        let request = StripeRequest.balanceTransactions(of: day, after: last, most: Self.transactionsPerPage)
        let outcome = await provider.call(request)
        guard case .done(let body) = outcome else { throw NoBill(BillAnswer(outcome)) }
        guard let page = StripeJSON.decode(StripeBalancePage.self, from: body), page.object == "list" else {
            throw NoBill(.unknown(.answered(.unreadable)))
        }
        return page
    }
}

extension BillAnswer {
    fileprivate init(_ outcome: StripeOutcome) {
        switch outcome {
        // A restricted key needs the permission to read balance transactions.
        case .refused(let error), .notAllowed(let error), .noSuchObject(let error): self = .refused(reason: error.code)
        case .unknown(let doubt): self = .unknown(doubt)
        case .neverSent(_, let why): self = .unknown(.answered(why))
        case .done: self = .unknown(.answered(.unreadable))
        }
    }
}
