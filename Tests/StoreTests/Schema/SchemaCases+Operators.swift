/// The rows of operators that break a rule.
extension SchemaCases {
    static let operatorBadRows: [BadRow] = [
        BadRow("operators", ["name": "'Ada'"], "operators_name"),
        BadRow("operators", ["name": "'-ada'"], "operators_name"),
        BadRow("operators", ["name": "'ada b'"], "operators_name"),
        BadRow("operators", ["name": BadRow.text(33)], "operators_name"),
        BadRow("operators", ["role": "'owner'"], "operators_role"),
        BadRow("operators", ["password": "'a password that nobody hashed'"], "operators_password"),
        BadRow("operators", ["password": "'$scrypt$'"], "operators_password"),
        BadRow(
            "operators", ["password": "NULL", "code_secret": "NULL", "code_step": "NULL"], "operators_enter_somehow"),
        BadRow("operators", ["code_secret": "'ABC'"], "operators_code_secret"),
        BadRow("operators", ["code_secret": "lower(code_secret)"], "operators_code_secret"),
        BadRow("operators", ["code_step": "NULL"], "operators_code_step"),
        BadRow("operators", ["code_step": "-1"], "operators_code_step"),
        BadRow(
            "operators", ["password": "NULL", "invitation": BadRow.digest("b"), "invitation_ends_at": "1"],
            "operators_code_needs_password"),
        BadRow("operators", ["invitation": "'b'", "invitation_ends_at": "1"], "operators_invitation"),
        BadRow("operators", ["invitation": BadRow.digest("B"), "invitation_ends_at": "1"], "operators_invitation"),
        BadRow("operators", ["invitation": BadRow.digest("b")], "operators_invitation_ends_at"),
        BadRow(
            "operators", ["invitation": BadRow.digest("b"), "invitation_ends_at": "-1"],
            "operators_invitation_ends_at"),
        BadRow("operators", ["failures": "-1"], "operators_failures"),
        BadRow("operators", ["locked_until": "-1"], "operators_locked_until"),
        BadRow("operators", ["added_at": "-1"], "operators_added_at"),
        BadRow("operator_sessions", ["digest": "'b'"], "operator_sessions_digest"),
        BadRow("operator_sessions", ["used_at": "0"], "operator_sessions_times"),
        BadRow("operator_sessions", ["begun_at": "-1"], "operator_sessions_times"),
        BadRow("operator_sessions", ["origin": "''"], "operator_sessions_origin"),
    ]
}
