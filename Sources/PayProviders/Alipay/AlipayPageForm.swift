import PayCore

/// The HTML document that opens Alipay's cashier: a form that submits itself.
enum AlipayPageForm {
    static func document(_ request: AlipaySignedRequest, gatewayURL: String) -> String {
        // `&` must be escaped: `&notify_url` starts with the entity name `&not` (¬), and a parser that decodes it breaks
        // the signature.
        let action = "\(gatewayURL)?\(request.query)".escapedForHTML
        let content = request.bizContent.value.escapedForHTML
        // The button has no name, so that the form sends only the signed field.
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
}
