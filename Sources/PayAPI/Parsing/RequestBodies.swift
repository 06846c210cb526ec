import HTTPTypes
package import Hummingbird
import NIOCore

/// Reads request bodies within a size limit.
package enum RequestBodies {
    /// In bytes. The largest first pay body is under 2 KiB; a provider's notice is under 16 KiB.
    static let largestBody = 64 * 1_024

    /// The body of a call that takes JSON. If `mayBeEmpty`, an empty body means `{}`.
    package static func json(_ request: Request, mayBeEmpty: Bool) async throws -> [UInt8] {
        let bytes = try await raw(request)
        if bytes.isEmpty, mayBeEmpty { return Array("{}".utf8) }
        guard isJSON(request.headers.text(.contentType)) else {
            throw Problem(.unsupportedMediaType, "the Content-Type must be application/json")
        }
        return bytes
    }

    package static func raw(_ request: Request) async throws -> [UInt8] {
        if let announced = request.headers.text(.contentLength).flatMap(Int.init), announced > largestBody {
            throw Problem.tooLarge
        }
        do {
            return Array(buffer: try await request.body.collect(upTo: largestBody))
        } catch is NIOTooManyBytesError {
            throw Problem.tooLarge
        } catch {
            throw Problem(.invalidRequest, "the body is incomplete")
        }
    }

    package static func isJSON(_ contentType: String?) -> Bool {
        // The usual spelling, compared first.
        if contentType == "application/json" { return true }
        guard let essence = contentType?.split(separator: ";").first else { return false }
        return essence.filter { $0 != " " }.lowercased() == "application/json"
    }
}
