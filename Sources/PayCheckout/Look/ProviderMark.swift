import PayCore

/// Our own small drawings beside the channels' names, in the providers' colours. They are not the providers' logos.
enum ProviderMark {
    static func svg(of kind: ProviderKind) -> String {
        #"<svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8" "#
            + "fill=\"\(ground(of: kind))\"/>\(shapes(of: kind))</svg>"
    }

    private static func ground(of kind: ProviderKind) -> String {
        switch kind {
        case .alipay: "#1677ff"
        case .wechat: "#07c160"
        case .stripe: "#635bff"
        case .sandbox: "#6b7280"
        }
    }

    private static func shapes(of kind: ProviderKind) -> String {
        switch kind {
        // The sign of the yuan.
        case .alipay: strokes("M10.5 8.5L16 16l5.5-7.5M16 16v8M11 16.5h10M11 20.5h10")
        // A message with a tick.
        case .wechat:
            ##"<path fill="#fff" d="M16 7.5c5.2 0 9.5 3.3 9.5 7.5s-4.3 7.5-9.5 7.5c-1.1 0-2.2-.1-3.2-.4"##
                + ##"l-3.6 2 .9-3.5C7.9 19.2 6.5 17.2 6.5 15c0-4.2 4.3-7.5 9.5-7.5z"/>"##
                + strokes("M12 15.2l2.8 2.7 5.2-5.2", color: "#079a4e")
        // A card.
        case .stripe:
            ##"<rect x="6.5" y="9" width="19" height="14" rx="2.5" fill="#fff"/>"##
                + ##"<path fill="#635bff" d="M6.5 12.5h19v3h-19zM9.5 18.5h5v1.5h-5z"/>"##
        // A flask.
        case .sandbox:
            strokes("M13 8h6M14.5 8v6l-5 8a1.5 1.5 0 0 0 1.3 2.3h10.4a1.5 1.5 0 0 0 1.3-2.3l-5-8V8M12 18.5h8")
        }
    }

    private static func strokes(_ path: String, color: String = "#fff") -> String {
        ##"<path fill="none" stroke="\##(color)" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" "##
            + ##"d="\##(path)"/>"##
    }
}
