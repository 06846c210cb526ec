import PayCore
import Testing

@Suite struct OperatorAccountTests {
    private let start = Instant(milliseconds: 1_000_000)
    private let digest = SecretDigest(Array(repeating: 1, count: 32))!
    private let hash = PasswordHash("$scrypt$a")

    private var invited: OperatorAccount {
        OperatorAccount(
            OperatorName("ada")!, .operator, invitation: Invitation(digest, endsAt: start + Invitation.life),
            addedAt: start)
    }

    private func active() -> OperatorAccount {
        var account = invited
        _ = account.setPassword(hash, by: digest, at: start)
        return account
    }

    private func withCodes() -> OperatorAccount {
        var account = active()
        _ = account.turnOnCodes("SECRET", usedStep: 10, knowing: hash)
        return account
    }

    private let wrong = SignInProof(password: nil, codeStep: nil)
    private var right: SignInProof { SignInProof(password: hash, codeStep: nil) }

    // MARK: Signing in

    @Test func `the right password signs in, and a wrong one does not`() {
        var account = active()
        #expect(account.signIn(with: wrong, at: start) == .refused)
        #expect(account.failures == 1)
        #expect(account.signIn(with: right, at: start) == .signedIn)
        #expect(account.failures == 0)
    }

    @Test func `nobody signs in without a password, whatever the proof`() {
        var account = invited
        #expect(account.signIn(with: SignInProof(password: nil, codeStep: 99), at: start) == .refused)
        #expect(account.signIn(with: right, at: start) == .refused)
    }

    @Test func `a hash that was replaced meanwhile does not sign in`() {
        var account = active()
        let isChanged = account.changePassword(from: hash, to: PasswordHash("$scrypt$b"))
        #expect(isChanged)
        #expect(account.signIn(with: right, at: start) == .refused)
    }

    @Test func `five refusals in a row lock the operator, and each further one doubles the lock`() {
        var account = active()
        for _ in 1...4 { #expect(account.signIn(with: wrong, at: start) == .refused) }
        #expect(!account.isLocked(at: start))
        var now = start
        for seconds in [60, 120, 240, 480, 900, 900] {
            #expect(account.signIn(with: wrong, at: now) == .refusedAndLocked)
            #expect(account.lockedUntil == now + .seconds(seconds))
            now = now + .seconds(seconds)
        }
        #expect(account.signIn(with: right, at: now) == .signedIn)
        #expect(account.lockedUntil == nil)
    }

    @Test func `a locked operator is refused with the right password, and the lock does not grow`() {
        var account = active()
        for _ in 1...5 { _ = account.signIn(with: wrong, at: start) }
        let locked = account
        let last = start + .milliseconds(59_999)
        for proof in [right, wrong] { #expect(account.signIn(with: proof, at: last) == .refused) }
        #expect(account == locked)
        #expect(account.signIn(with: right, at: start + .seconds(60)) == .signedIn)
    }

    // MARK: One-time codes

    @Test(arguments: [(Int64?.none, false), (9, false), (10, false), (11, true), (12, true)])
    func `with codes on, a sign-in needs a code of a later step than the last used one`(_ step: Int64?, _ isRight: Bool)
    {
        var account = withCodes()
        let result = account.signIn(with: SignInProof(password: hash, codeStep: step), at: start)
        #expect(result == (isRight ? .signedIn : .refused))
        #expect(account.codes?.usedStep == (isRight ? step : 10))
    }

    @Test func `each code signs in once`() {
        var account = withCodes()
        let proof = SignInProof(password: hash, codeStep: 11)
        #expect(account.signIn(with: proof, at: start) == .signedIn)
        #expect(account.signIn(with: proof, at: start) == .refused)
    }

    @Test func `a right code with a wrong password is not used up`() {
        var account = withCodes()
        #expect(account.signIn(with: SignInProof(password: nil, codeStep: 11), at: start) == .refused)
        #expect(account.codes?.usedStep == 10)
    }

    @Test func `codes are turned on and off only by the present password`() {
        var account = active()
        let other = PasswordHash("$scrypt$b")
        #expect([account.turnOnCodes("SECRET", usedStep: 1, knowing: other)] == [false])
        #expect(account.codes == nil)
        #expect([account.turnOnCodes("SECRET", usedStep: 1, knowing: hash)] == [true])
        #expect([account.turnOffCodes(knowing: other)] == [false])
        #expect(account.codes != nil)
        #expect([account.turnOffCodes(knowing: hash)] == [true])
        #expect(account.codes == nil)
    }

    // MARK: The invitation

    @Test func `an invitation sets the password once, before its end`() {
        let last = start + Invitation.life - .milliseconds(1)
        for (given, now, isSet) in [
            (digest, last, true), (digest, start + Invitation.life, false),
            (SecretDigest(Array(repeating: 2, count: 32))!, start, false),
        ] {
            var account = invited
            #expect([account.setPassword(hash, by: given, at: now)] == [isSet])
            #expect((account.password != nil) == isSet && (account.invitation == nil) == isSet)
            #expect([account.setPassword(PasswordHash("$scrypt$b"), by: given, at: now)] == [false])
        }
    }

    @Test func `a reset forgets the password, the codes, the failures and the earlier invitation`() {
        var account = withCodes()
        for _ in 1...5 { _ = account.signIn(with: wrong, at: start) }
        let other = SecretDigest(Array(repeating: 2, count: 32))!
        account.reset(with: Invitation(other, endsAt: start + .seconds(1)))
        #expect(account.password == nil && account.codes == nil)
        #expect(account.failures == 0 && !account.isLocked(at: start))
        #expect([account.setPassword(hash, by: digest, at: start)] == [false])
        #expect([account.setPassword(hash, by: other, at: start)] == [true])
    }

    // MARK: Texts

    @Test func `no description shows a hash or a secret`() {
        let account = withCodes()
        for text in ["\(account)", String(reflecting: account)] {
            #expect(!text.contains("scrypt") && !text.contains("SECRET"), "\(text)")
        }
        var dumped = ""
        dump(account, to: &dumped)
        #expect(!dumped.contains("scrypt") && !dumped.contains("SECRET"))
    }
}

@Suite struct PasswordFlawTests {
    private let name = OperatorName("ada.lovelace")!

    @Test(arguments: [
        ("elevenchars", PasswordFlaw.tooShort), ("twelve chars", nil), ("密码密码密码密码密码密", .tooShort),
        ("aaaaaaaaaaaaaaaaaaaaa", .monotonous), ("abababababab", .monotonous),
        ("ada.lovelace", .likeName), ("Ada.Lovelace2026", .likeName), ("ADA.LOVELACEada.lovelace", .likeName),
        ("ada.lovelace likes analytical engines", nil), (String(repeating: "abcdefgh", count: 32), nil),
        (String(repeating: "abcdefgh", count: 33), .tooLong),
    ])
    func `a new password has twelve characters, and is not the name`(_ password: String, _ flaw: PasswordFlaw?) {
        #expect(PasswordFlaw(of: password, for: name) == flaw)
    }

    @Test func `a short name inside a password is no flaw`() {
        #expect(PasswordFlaw(of: "abcdefghij ab", for: OperatorName("ab")!) == nil)
    }

    @Test(arguments: ["a", "ada", "0", "ada-b.c_d", String(repeating: "a", count: 32)])
    func `a name of small letters, digits and three signs is valid`(_ text: String) {
        #expect(OperatorName(text)?.text == text)
    }

    @Test(arguments: ["", "Ada", "-a", ".a", "_a", "a b", "ä", "a/b", "a\n", String(repeating: "a", count: 33)])
    func `any other name is not`(_ text: String) {
        #expect(OperatorName(text) == nil)
    }
}
