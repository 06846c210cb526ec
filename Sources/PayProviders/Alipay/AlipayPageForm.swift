/// The document that takes a browser to Alipay's cashier: a form that submits itself.
enum AlipayPageForm {
    static func document(_ request: AlipaySignedRequest, gatewayURL: String) -> String {
        let action = escaped("\(gatewayURL)?\(request.query)")
        let content = escaped(request.bizContent.value)
        // The button has no name, so that the form sends the one field that is signed, and no other.
        return """
            <!DOCTYPE html>
            <html lang="zh-CN">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>支付宝 Alipay</title>
            </head>
            <body>
            <form id="alipay" action="\(action)" method="post" accept-charset="utf-8">
            <input type="hidden" name="\(AlipaySignedRequest.bizContentName)" value="\(content)">
            <noscript><button type="submit">前往支付宝 Continue to Alipay</button></noscript>
            </form>
            <script>document.getElementById("alipay").submit();</script>
            </body>
            </html>

            """
    }

    /// A text as an attribute's value. `&` above all: `&notify_url` begins with the name of a character (¬), and a
    /// reader that takes it for that one breaks the signature.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
