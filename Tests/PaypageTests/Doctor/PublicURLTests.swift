import Foundation
import PayProviders
import Testing

@testable import paypage

@Suite struct `The doctor's look at public.url` {
    private func finding(_ script: DoctorScript) async -> Finding {
        await PublicURLCheck(publicURL: "https://pay.example.com/shop", transport: script).finding()
    }

    @Test func `is satisfied by Paypage's own health answer, below the address`() async {
        let script = DoctorScript(200, #"{"status":"ok"}"#)
        let finding = await finding(script)
        #expect(finding.grade == .ok && finding.text.contains("https://pay.example.com/shop/healthz"))
        #expect(script.requests.map(\.url) == ["https://pay.example.com/shop/healthz"])
    }

    @Test(arguments: [
        (200, "<html>Welcome to nginx", Finding.Grade.failure, "not from Paypage"),
        (200, #"{"status":"up"}"#, .failure, "not from Paypage"), (404, "", .failure, "proxy"),
        (401, "", .failure, "without a login"), (301, "", .failure, "redirect"), (308, "", .failure, "redirect"),
        (502, "", .warning, "start the service"), (503, "", .warning, "start the service"),
    ]) func `tells when something else answers`(status: Int, body: String, grade: Finding.Grade, part: String) async {
        let finding = await finding(DoctorScript(status, body))
        #expect(finding.grade == grade && finding.text.contains(part), "\(finding)")
    }

    @Test(arguments: [
        (TransportError.Reason.couldNotResolve, Finding.Grade.failure, "DNS"),
        (.tlsNotTrusted, .failure, "certificate"), (.tlsFailed, .failure, "TLS 1.2"),
        (.couldNotConnect, .warning, "start the service"), (.connectTimedOut, .warning, "firewall"),
        (.timedOut, .warning, "firewall"), (.malformedAnswer, .failure, "public.url"),
    ]) func `tells why nothing answers`(reason: TransportError.Reason, grade: Finding.Grade, part: String) async {
        let finding = await finding(DoctorScript(failing: reason))
        #expect(finding.grade == grade && finding.text.contains(part), "\(finding)")
    }
}
