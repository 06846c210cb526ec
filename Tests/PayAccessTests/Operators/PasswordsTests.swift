import PayAccess
import PayCore
import Testing

@Suite(.timeLimit(.minutes(5))) struct PasswordsTests {
    private let passwords = Passwords(cost: .init(logRounds: 1, blockSize: 1, parallelism: 1))

    @Test func `a hash is of its password alone`() async throws {
        let hash = try await passwords.hash(Secret("correct horse battery"))
        #expect(try await passwords.isPassword(Secret("correct horse battery"), of: hash))
        for other in ["correct horse batterY", "correct horse batter", "correct horse battery ", ""] {
            #expect(try await !passwords.isPassword(Secret(other), of: hash))
        }
    }

    @Test func `two hashes of one password differ by their salts`() async throws {
        let one = try await passwords.hash(Secret("correct horse battery"))
        #expect(try await passwords.hash(Secret("correct horse battery")) != one)
    }

    @Test func `a hash keeps the parameters that it was made with`() async throws {
        let hash = try await passwords.hash(Secret("correct horse battery"))
        #expect(hash.text.hasPrefix("$scrypt$ln=1,r=1,p=1$"))
        let others = Passwords(cost: .init(logRounds: 4, blockSize: 8, parallelism: 1))
        #expect(try await others.isPassword(Secret("correct horse battery"), of: hash))
        #expect(try await others.hash(Secret("x")).text.hasPrefix("$scrypt$ln=4,r=8,p=1$"))
    }

    @Test func `the standard parameters are those that OWASP recommends`() async throws {
        let hash = try await Passwords().hash(Secret("correct horse battery"))
        #expect(hash.text.hasPrefix("$scrypt$ln=14,r=8,p=5$"))
    }

    @Test func `the hash of an unknown operator is of no password`() async throws {
        for password in ["", "correct horse battery"] {
            #expect(try await !passwords.isPassword(Secret(password), of: nil))
        }
    }

    @Test(arguments: [
        "", "$scrypt$", "$scrypt$ln=1,r=1,p=1$$", "$scrypt$ln=1,r=1,p=1$AA$", "$bcrypt$ln=1,r=1,p=1$AA$AA",
        "$scrypt$ln=40,r=8,p=1$AA$AA", "$scrypt$ln=1,r=1$AA$AA",
    ])
    func `a damaged hash is of no password`(_ text: String) async throws {
        for password in ["", "correct horse battery"] {
            #expect(try await !passwords.isPassword(Secret(password), of: PasswordHash(text)))
        }
    }

    @Test func `composed and decomposed letters are one password`() async throws {
        let hash = try await passwords.hash(Secret("caf\u{E9} au lait et pain"))
        #expect(try await passwords.isPassword(Secret("cafe\u{301} au lait et pain"), of: hash))
    }

    @Test func `passwords that wait are limited, and further ones are refused at once`() async throws {
        let slow = Passwords(cost: .init(logRounds: 14, blockSize: 8, parallelism: 1))
        let outcomes = await withTaskGroup(of: Bool.self) { tasks in
            for _ in 1...100 {
                tasks.addTask { (try? await slow.isPassword(Secret("x"), of: nil)) != nil }
            }
            return await tasks.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(outcomes.contains(true) && outcomes.contains(false))
        // Those that were refused left no trace.
        #expect(try await !slow.isPassword(Secret("x"), of: nil))
    }

    @Test func `a token is 32 random bytes, and its codes are its own`() throws {
        let (one, other) = (RandomToken(), RandomToken())
        #expect(one.digest != other.digest)
        let again = try #require(RandomToken(one.text.reveal()))
        #expect(again.digest == one.digest)
        #expect(again.isCode(one.code(for: "csrf"), for: "csrf"))
        #expect(!other.isCode(one.code(for: "csrf"), for: "csrf"))
        #expect(!one.isCode(one.code(for: "csrf"), for: "flash"))
        for text in ["", "x", one.text.reveal() + "A", String(one.text.reveal().dropLast()), " " + one.text.reveal()] {
            #expect(RandomToken(text) == nil)
        }
        #expect("\(one.text)" == "<secret>")
    }
}
