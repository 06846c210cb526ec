// Keeps the page as the server would draw it now: counts down, listens for news, fetches this page's HTML again and
// puts its <main> in place of ours. What is shown and what is retried is the server's to say, in the markup.
(() => {
    'use strict';
    const seconds = 1000;
    const main = () => document.getElementById('checkout');
    const say = (text) => { document.getElementById('said').textContent = text; };
    const offline = (isOffline) => { document.getElementById('offline').hidden = !isOffline; };
    const isSeen = () => document.visibilityState !== 'hidden';

    // The clock of this page's time: the device's own date may be wrong, and may jump.
    let drawnAt = performance.now();
    const since = () => (performance.now() - drawnAt) / seconds;

    // ---- Drawing ----

    let turn = 0; // Raised by every request, so that an answer that was overtaken draws nothing.
    let drawn = 0;

    const draw = (html, mine, url, focusedBefore) => {
        if (mine < drawn) return false;
        const next = new DOMParser().parseFromString(html, 'text/html');
        const fresh = next.getElementById('checkout');
        if (!fresh) return false;
        // Parsed without scripts: what they hold would be real.
        for (const plain of fresh.querySelectorAll('noscript')) plain.remove();
        drawn = mine;
        drawnAt = performance.now();
        const old = main();
        const changed = old.dataset.state !== fresh.dataset.state || old.dataset.say !== fresh.dataset.say;
        const focused = focusedBefore || (old.contains(document.activeElement) ? document.activeElement : null);
        for (const details of old.querySelectorAll('details[open][id]')) {
            const same = fresh.querySelector('#' + details.id);
            if (same) same.open = true;
        }
        document.title = next.title;
        old.replaceWith(document.adoptNode(fresh));
        if (url) history.replaceState(null, '', url);
        if (focused) {
            const same = twin(focused, fresh);
            (same && same.offsetParent ? same : document.getElementById('headline')).focus({ preventScroll: true });
        }
        if (changed) say(fresh.dataset.say);
        settle();
        return true;
    };

    // The element of the new <main> that stands where the focus stood.
    const twin = (element, place) => {
        if (element.id) return place.querySelector('#' + element.id);
        const name = element.getAttribute('name');
        const same = (other) => other.textContent === element.textContent && other.value === element.value;
        const all = place.querySelectorAll(element.tagName + (name ? '[name="' + name + '"]' : ''));
        return Array.from(all).find(same);
    };

    const ask = async (url, how) => {
        const answer = await fetch(url, Object.assign({ headers: { Accept: 'text/html' }, cache: 'no-store' }, how));
        if (answer.status >= 500) throw new Error('not now');
        return { html: await answer.text(), url: answer.url };
    };

    // News is told once: a page that was drawn anew because something happened doesn't tell it again.
    const withoutNews = () => {
        const url = new URL(location.href);
        for (const name of ['news', 'wait']) url.searchParams.delete(name);
        return url.href;
    };

    let failures = 0;
    let refreshTimer;
    const refresh = async (url = location.href) => {
        const mine = ++turn;
        clearTimeout(refreshTimer);
        try {
            const answer = await ask(url);
            failures = 0;
            offline(false);
            draw(answer.html, mine, url === location.href ? null : url);
        } catch {
            offline(true);
            failures += 1;
            refreshTimer = setTimeout(() => refresh(url), Math.min(30, 2 ** failures) * seconds);
        }
    };

    // ---- Pressing buttons ----

    let isSending = false;
    const send = async (form, button, isPressed = true) => {
        if (isSending) return;
        isSending = true;
        const body = new URLSearchParams(new FormData(form));
        if (button) body.set(button.name, button.value);
        const before = main();
        const was = before.dataset.state;
        before.dataset.state = 'working';
        before.setAttribute('aria-busy', 'true');
        const busy = before.querySelector('[data-busy]');
        // Whoever pressed nothing is to find the focus where they left it.
        const focused = before.contains(document.activeElement) ? document.activeElement : null;
        busy.hidden = false;
        if (focused) busy.focus({ preventScroll: true });
        say(busy.innerText);
        const url = form.action;
        try {
            const answer = await ask(url, { method: 'POST', body });
            offline(false);
            isSending = false;
            draw(answer.html, ++turn, answer.url, isPressed ? null : focused);
        } catch {
            isSending = false;
            offline(true);
            if (main() === before) {
                before.dataset.state = was;
                before.removeAttribute('aria-busy');
                busy.hidden = true;
            }
            refresh();
        }
    };

    document.addEventListener('submit', (event) => {
        const form = event.target;
        if (form.method !== 'post') return;
        event.preventDefault();
        send(form, event.submitter || form.querySelector('button[name=channel]'));
    });

    // ---- Asking again without being pressed ----

    let autoTimer;
    let autoCount = 0;
    let autoKey = '';
    let autoAt = 0;
    const auto = (isFirst) => {
        clearTimeout(autoTimer);
        const form = main().querySelector('form[data-auto]');
        if (!form || !isSeen() || isSending) return;
        const when = form.dataset.auto;
        if (when === 'once') {
            // Somebody has just come to this screen; one who was here before, and moved on, has not.
            if (!isFirst) return;
            const key = 'once ' + location.pathname + main().dataset.terminal;
            try {
                if (sessionStorage.getItem(key)) return;
                sessionStorage.setItem(key, '1');
            } catch {
                return;
            }
        }
        // The same thing again and again is asked for less and less often.
        const key = main().dataset.state + form.dataset.auto;
        const isAgain = key === autoKey && performance.now() - autoAt < 60 * seconds;
        autoCount = isAgain ? autoCount + 1 : 0;
        autoKey = key;
        autoAt = performance.now();
        const pause = Math.max(Number(when) || 0, autoCount ? Math.min(30, 2 ** autoCount) : 0);
        const press = () => send(form, form.querySelector('button[name=channel]'), false);
        autoTimer = setTimeout(() => { if (isSeen() && main().contains(form)) press(); }, pause * seconds);
    };

    // ---- Counting down ----

    let lastLeft = Infinity;
    const tick = () => {
        const timer = main().querySelector('[data-countdown]');
        if (!timer) return;
        const left = Math.max(0, Math.ceil(Number(timer.dataset.countdown) - since()));
        const two = (number) => String(number).padStart(2, '0');
        const hours = Math.floor(left / 3600);
        timer.textContent = (hours ? hours + ':' : '') + two(Math.floor(left / 60) % 60) + ':' + two(left % 60);
        timer.classList.toggle('short', left < 300);
        for (const mark of [300, 60, 0]) {
            if (lastLeft > mark && left <= mark && lastLeft !== Infinity) say(timer.getAttribute('data-say-' + mark));
        }
        lastLeft = left;
    };

    // When the server would draw another page though nothing has happened: a page runs out, the time is up.
    let wakeTimer;
    const wake = () => {
        clearTimeout(wakeTimer);
        const after = Number(main().dataset.wake);
        if (!after) return;
        const rest = Math.min(Math.max(after - since(), 0) + .25, 86400);
        wakeTimer = setTimeout(() => refresh(withoutNews()), rest * seconds);
    };

    const times = () => {
        const options = { dateStyle: 'medium', timeStyle: 'short' };
        for (const time of document.querySelectorAll('time[data-time]')) {
            const date = new Date(time.dateTime);
            const isToday = Math.abs(date - Date.now()) < 43200 * seconds;
            const shape = isToday ? { hour: '2-digit', minute: '2-digit' } : options;
            try {
                time.textContent = new Intl.DateTimeFormat(document.documentElement.lang, shape).format(date);
            } catch { /* The server's own text stays. */ }
        }
    };

    // ---- Listening ----

    let stream;
    let pollTimer;
    let pollCount = 0;
    let stumbles = 0; // Streams that broke off before they were open.
    const listen = () => {
        if (stream || !isSeen() || !('live' in main().dataset)) return;
        if (!('EventSource' in window)) return poll();
        const path = location.pathname.replace(/\/+$/, '') + '/events';
        stream = new EventSource(path + '?last_event_id=' + encodeURIComponent(main().dataset.revision));
        stream.onopen = () => { pollCount = 0; stumbles = 0; };
        stream.onmessage = (event) => {
            if (event.lastEventId !== main().dataset.revision) refresh(withoutNews());
        };
        stream.onerror = () => {
            if (!stream) return;
            stumbles += 1;
            if (stream.readyState !== EventSource.CLOSED && stumbles < 3) return;
            stream.close();
            stream = null;
            poll();
        };
    };

    // Refused, or never there: the page is fetched every few seconds, and the stream is tried again on the way.
    const poll = () => {
        clearTimeout(pollTimer);
        pollCount += 1;
        pollTimer = setTimeout(async () => {
            if (!isSeen()) return;
            await refresh();
            if (pollCount % 5 === 0) listen();
            if (!stream) poll();
        }, Math.min(30, 2 + pollCount) * seconds);
    };

    // A tab that nobody sees holds no connection: a browser has six for all of them.
    const rest = () => {
        clearTimeout(pollTimer);
        if (stream) stream.close();
        stream = null;
    };

    const comeBack = () => {
        if (!isSeen()) return rest();
        if (!isSending) refresh();
        listen();
    };

    // ---- Inside WeChat ----

    const bridge = () => new Promise((ready) => {
        if (window.WeixinJSBridge) ready(window.WeixinJSBridge);
        else document.addEventListener('WeixinJSBridgeReady', () => ready(window.WeixinJSBridge), { once: true });
    });

    document.addEventListener('click', async (event) => {
        const button = event.target.closest('[data-bridge]');
        if (!button) return;
        const weixin = await bridge();
        weixin.invoke('getBrandWCPayRequest', JSON.parse(button.dataset.sdk), () => refresh(withoutNews()));
    });

    // ---- The page as it is now ----

    const settle = (isFirst = false) => {
        lastLeft = Infinity;
        tick();
        wake();
        times();
        auto(isFirst);
        if (!('live' in main().dataset)) rest();
        else listen();
    };

    setInterval(tick, seconds);
    document.addEventListener('visibilitychange', comeBack);
    window.addEventListener('online', comeBack);
    window.addEventListener('pagehide', rest);
    window.addEventListener('pageshow', (event) => { if (event.persisted) comeBack(); });
    settle(true);
})();
