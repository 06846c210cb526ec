/// A form. With the method `post` it changes something, and carries the token of the session.
struct FormBlock: Sendable {
    let formID: String
    let action: String
    let method: String
    let isPost: Bool
    var fields: [FormField]
    let submit: String
    /// Whether the button begins something that can't be undone.
    var isGrave = false
    /// The way back without a change.
    var cancel: BlockLink?
    var isInline = false

    /// A form that asks for a page.
    static func asking(_ id: String, _ action: String, _ fields: [FormField], submit: String) -> FormBlock {
        FormBlock(formID: id, action: action, method: "get", isPost: false, fields: fields, submit: submit)
    }

    /// A form that changes something.
    static func changing(_ id: String, _ action: String, _ fields: [FormField], submit: String) -> FormBlock {
        FormBlock(formID: id, action: action, method: "post", isPost: true, fields: fields, submit: submit)
    }

    func grave() -> FormBlock {
        var form = self
        form.isGrave = true
        return form
    }

    func cancelled(by link: BlockLink) -> FormBlock {
        var form = self
        form.cancel = link
        return form
    }

    func inline() -> FormBlock {
        var form = self
        form.isInline = true
        return form
    }
}

struct FormField: Sendable {
    let fieldID: String
    let name: String
    let value: String
    var label: String?
    var isHidden = false
    var isText = false
    var isLongText = false
    var inputType = "text"
    var inputMode: String?
    var maxLength: Int?
    var isRequired = false
    var hint: String?
    /// The rule that the submitted value breaks.
    var fault: String?
    var choices: Choices?

    struct Choices: Sendable {
        let options: [Option]
    }

    struct Option: Sendable {
        let optionValue: String
        let optionText: String
        let isChosen: Bool
    }

    private init(_ name: String, _ value: String) {
        fieldID = "field-\(name)"
        self.name = name
        self.value = value
    }

    static func hidden(_ name: String, _ value: String) -> FormField {
        var field = FormField(name, value)
        field.isHidden = true
        return field
    }

    static func text(_ name: String, _ label: String, value: String = "", longest: Int? = nil) -> FormField {
        var field = FormField(name, value)
        field.label = label
        field.isText = true
        field.maxLength = longest
        return field
    }

    /// A text that takes several words.
    static func words(_ name: String, _ label: String, value: String = "", longest: Int) -> FormField {
        var field = text(name, label, value: value, longest: longest)
        field.isText = false
        field.isLongText = true
        return field
    }

    /// A choice of one. The empty value stands for all.
    static func choice(
        _ name: String, _ label: String, _ options: [(value: String, text: String)], chosen: String
    ) -> FormField {
        var field = FormField(name, chosen)
        field.label = label
        field.choices = Choices(
            options: options.map { Option(optionValue: $0.value, optionText: $0.text, isChosen: $0.value == chosen) })
        return field
    }

    func required() -> FormField {
        var field = self
        field.isRequired = true
        return field
    }

    func typed(_ type: String, mode: String? = nil) -> FormField {
        var field = self
        field.inputType = type
        field.inputMode = mode
        return field
    }

    func hinted(_ hint: String?) -> FormField {
        var field = self
        field.hint = hint
        return field
    }

    func faulted(_ fault: String?) -> FormField {
        var field = self
        field.fault = fault
        return field
    }
}
