import Foundation
import PayProviders
import Testing

@testable import paypage

@Suite struct `Doctor's check of public.url` {
    private func finding(_ script: DoctorScript) async -> Finding {
        await PublicURLCheck(publicURL: "https://pay.example.com/shop", transport: script).finding()
    }

    @Test func `doctor accepts public.url when Paypage's health check answers below it`() async {
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
    ]) func `doctor reports another server at public.url`(status: Int, body: String, grade: Finding.Grade, part: String)
        async
    {
        let finding = await finding(DoctorScript(status, body))
        #expect(finding.grade == grade && finding.text.contains(part), "\(finding)")
    }

    @Test(arguments: [
        (TransportError.Reason.couldNotResolve, Finding.Grade.failure, "DNS"),
        (.tlsNotTrusted, .failure, "certificate"), (.tlsFailed, .failure, "TLS 1.2"),
        (.couldNotConnect, .warning, "start the service"), (.connectTimedOut, .warning, "firewall"),
        (.timedOut, .warning, "firewall"), (.malformedAnswer, .failure, "public.url"),
    ]) func `doctor reports why public.url does not answer`(
        reason: TransportError.Reason, grade: Finding.Grade, part: String
    ) async {
        let finding = await finding(DoctorScript(failing: reason))
        #expect(finding.grade == grade && finding.text.contains(part), "\(finding)")
    }
}
