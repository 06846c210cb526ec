import PayCore
import PayFlow

/// The name and the mark of a channel as buyers see them.
struct ChannelLook: Sendable {
    let name: String
    let mark: CheckoutView.Mark
}

extension CheckoutPlace {
    func look(of channel: Channel) -> ChannelLook {
        let name = name(of: channel)
        let mark: CheckoutView.Mark
        if let picture = assets.marks[channel] {
            mark = .init(picture: url(of: picture))
        } else if let kind = channels[channel]?.kind {
            mark = .init(drawing: ProviderMark.svg(of: kind))
        } else {
            mark = .init(initial: name.initial)
        }
        return ChannelLook(name: name, mark: mark)
    }

    /// The merchant's title, or else the provider's name. Of two untitled accounts at one provider, the second also has
    /// the channel's own name.
    func name(of channel: Channel) -> String {
        guard let entry = channels[channel] else { return channel.name }
        if let title = entry.title.text(in: language) { return title }
        let provider = texts.name(of: entry.kind)
        let isFirst = channel == entry.kind.shortFormChannel
        let isOnly = channels.entries.count { $0.kind == entry.kind } == 1
        return isFirst || isOnly ? provider : "\(provider) (\(channel.name))"
    }
}

extension ChannelTitle {
    fileprivate func text(in language: CheckoutLanguage) -> String? {
        language.rawValue.hasPrefix("zh") ? chinese : english
    }
}
