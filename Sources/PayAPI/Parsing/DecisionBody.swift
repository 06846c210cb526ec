import PayCore
import PayFlow

/// The parsed body of a person's decision on a difference.
struct DecisionBody: Sendable {
    let note: DifferenceNote
    /// Nil if the caller names nobody.
    let by: PersonName?
}

extension BodyRules {
    func decision(_ json: [UInt8]) -> ParsedBody<DecisionBody> {
        parse(json) { reader in
            reader.refuseOthers(than: ["note", "by"])
            let note = reader.text(
                "note", required: true,
                mustBe: "1 to \(DifferenceNote.longest) characters without control characters", DifferenceNote.init)
            let by = reader.text(
                "by", mustBe: "1 to \(PersonName.longest) characters without control characters", PersonName.init)
            return note.map { DecisionBody(note: $0, by: by) }
        }
    }
}
