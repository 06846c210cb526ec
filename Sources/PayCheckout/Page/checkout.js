// Keeps the page up to date: counts down, listens to events, fetches this page's HTML again and replaces its <main>.
// The server decides, in the markup, which content is shown and which action is retried.
(() => {
    'use strict';
    const seconds = 1000;
    const main = () => document.getElementById('checkout');
    const say = (text) => { document.getElementById('said').textContent = text; };
    const offline = (isOffline) => { document.getElementById('offline').hidden = !isOffline; };
    const isSeen = () => document.visibilityState !== 'hidden';

    // A monotonic clock, because the device's own date may be wrong and may jump.
    let drawnAt = performance.now();
    const since = () => (performance.now() - drawnAt) / seconds;

    // ---- Drawing ----

    let turn = 0; // Incremented by every request, so that an outdated response is not drawn.
    let drawn = 0;

    const draw = (next, mine, url, focusedBefore) => {
        if (mine < drawn) return;
        const fresh = next.getElementById('checkout');
        // The page was parsed with scripts disabled, so the content of noscript became elements.
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
        document.getElementById('secure').hidden = next.getElementById('secure').hidden;
        if (changed) say(fresh.dataset.say);
        sayLater();
        settle();
    };

    // The element of the new <main> that corresponds to the focused one.
    const twin = (element, place) => {
        if (element.id) return place.querySelector('#' + element.id);
        const details = element.matches('summary') && element.parentNode.id;
        if (details) return place.querySelector('#' + details + ' > summary');
        const name = element.getAttribute('name');
        const same = (other) => other.textContent === element.textContent && other.value === element.value;
        const all = place.querySelectorAll(element.tagName + (name ? '[name="' + name + '"]' : ''));
        return Array.from(all).find(same);
    };

    const ask = async (url, how) => {
        const answer = await fetch(url, Object.assign({ headers: { Accept: 'text/html' }, cache: 'no-store' }, how));
        const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
        // A proxy or a captive portal may answer with another page, and a page above a limit has no order.
        if (answer.status >= 500 || answer.status === 429 || !page.getElementById('checkout')) throw new Error('not now');
        return { page, url: answer.url };
    };

    // The address without the result of the last press, for a page that changes by time or by the buyer's app. After an
    // event the address keeps the result: the server shows it as long as the order is as the press left it.
    const withoutNews = () => {
        const url = new URL(location.href);
        for (const name of ['news', 'wait', 'channel', 'seen']) url.searchParams.delete(name);
        return url.href;
    };

    let failures = 0;
    let refreshTimer;
    const refresh = async (url = location.href) => {
        const mine = ++turn;
        clearTimeout(refreshTimer);
        try {
            const asked = new URL(url);
            if (sent) asked.searchParams.set('pressed', sent);
            const answer = await ask(asked.href);
            failures = 0;
            offline(false);
            draw(answer.page, mine, url === location.href ? null : url);
            pressAgain();
        } catch {
            offline(true);
            failures += 1;
            refreshTimer = setTimeout(() => refresh(url), Math.min(30, 2 ** failures) * seconds);
        }
    };

    // ---- Pressing buttons ----

    let isSending = false;
    let sent = ''; // The channel of a press that has no answer yet.
    let later = null; // A press that may not have arrived, because the connection broke.
    let repeats = 0; // How often that press was repeated.
    let dropped = null; // A press that was repeated in vain, until the next press or a change of the order.
    const mostRepeats = 3;

    const buttonOf = (press) => Array.from(main().querySelectorAll('form button[name=channel]')).find(
        (button) => press.body === String(bodyOf(button.form, button)));
    const bodyOf = (form, button) => {
        const body = new URLSearchParams(new FormData(form));
        if (button) body.set(button.name, button.value);
        return body;
    };

    // Says beside the button that the press waits for the connection, or did not work.
    const sayLater = () => {
        if (dropped && dropped.revision !== main().dataset.revision) dropped = null;
        const press = later || dropped;
        const button = press && buttonOf(press);
        if (!button || button.parentNode.querySelector('.later')) return;
        const note = document.createElement('p');
        note.className = 'later';
        note.setAttribute('role', 'alert');
        note.textContent = later ? main().dataset.later : main().dataset.failed;
        button.after(note);
    };
    const sayNothing = () => {
        for (const note of main().querySelectorAll('.later')) note.remove();
    };

    // With the connection back, the press is repeated, unless the order has changed: then the press did arrive, or is
    // obsolete. While only presses fail, it is repeated at growing intervals, and then no more.
    const pressAgain = () => {
        if (!later || isSending) return;
        const press = later;
        setTimeout(() => {
            if (later !== press || isSending) return;
            later = null;
            sayNothing();
            const button = main().dataset.revision === press.revision && buttonOf(press);
            if (!button) return;
            repeats += 1;
            send(button.form, button);
        }, repeats ? 2 ** repeats * seconds : 0);
    };

    // An automatic request runs in the background. It keeps the focus and the buttons.
    const send = async (form, button, isByItself = false) => {
        if (isSending) return;
        isSending = true;
        if (!isByItself) later = null;
        const isQuiet = isByItself && ['unknown', 'working'].includes(main().dataset.state);
        const body = bodyOf(form, button);
        sent = body.get('channel') || '';
        const before = main();
        const was = before.dataset.state;
        const busy = before.querySelector('[data-busy]');
        const focused = before.contains(document.activeElement) ? document.activeElement : null;
        if (!isQuiet) {
            before.dataset.state = 'working';
            before.setAttribute('aria-busy', 'true');
            busy.hidden = false;
            if (focused) busy.focus({ preventScroll: true });
            say(busy.innerText);
        }
        const url = form.action;
        try {
            const answer = await ask(url, { method: 'POST', body });
            offline(false);
            isSending = false;
            sent = '';
            if (!isByItself) repeats = 0;
            // After an automatic request, the focus returns to its element.
            draw(answer.page, ++turn, answer.url, isByItself ? focused : null);
        } catch {
            isSending = false;
            sent = '';
            offline(true);
            if (!isByItself) {
                const press = { body: String(body), revision: before.dataset.revision };
                if (repeats < mostRepeats) later = press;
                else dropped = press;
            }
            if (main() === before) {
                before.dataset.state = was;
                before.removeAttribute('aria-busy');
                busy.hidden = true;
                if (focused) focused.focus({ preventScroll: true });
            }
            sayLater();
            refresh();
        }
    };

    document.addEventListener('submit', (event) => {
        const form = event.target;
        if (form.method !== 'post') return;
        event.preventDefault();
        if (!isSending) {
            repeats = 0;
            dropped = null;
            sayNothing();
        }
        send(form, event.submitter || form.querySelector('button[name=channel]'));
    });

    // ---- Asking again without being pressed ----

    // A tab does some things by itself once, and then never again.
    const hasDone = (what) => {
        try { return sessionStorage.getItem(what + ' ' + location.pathname) !== null; } catch { return true; }
    };
    const remember = (what) => {
        try { sessionStorage.setItem(what + ' ' + location.pathname, 'yes'); } catch { /* Then it is never done. */ }
    };

    let autoTimer;
    let auto = { wish: '', due: 0, count: 0, sentAt: 0 };
    const askAgain = (isFirst) => {
        clearTimeout(autoTimer);
        const form = main().querySelector('form[data-auto]');
        if (!form || !isSeen() || isSending || later) return;
        const button = form.querySelector('button[name=channel]');
        const when = form.dataset.auto;
        // Only for a reader who opens the page for the first time, not for one who returns to it.
        if (when === 'once' && (!isFirst || hasDone('went on'))) return;
        const now = performance.now();
        // The same request is repeated at growing intervals, even if the page is redrawn meanwhile.
        if (auto.wish !== button.value || now - auto.sentAt > 60 * seconds) {
            auto = { wish: button.value, due: 0, count: 0, sentAt: now };
        }
        const pause = Math.max(Number(when) || 0, auto.count ? Math.min(30, 2 ** auto.count) : 0);
        auto.due = auto.due || now + pause * seconds;
        autoTimer = setTimeout(() => {
            if (!isSeen() || !main().contains(form)) return;
            if (when === 'once') remember('went on');
            auto = { wish: button.value, due: 0, count: auto.count + 1, sentAt: performance.now() };
            send(form, button, true);
        }, Math.max(0, auto.due - now));
    };

    // ---- Counting down ----

    let lastLeft = Infinity;
    let tickedAt = Date.now();
    const tick = () => {
        // The device has slept, and the monotonic clock has stopped meanwhile.
        const hasSlept = Date.now() - tickedAt > 5 * seconds;
        tickedAt = Date.now();
        if (hasSlept && isSeen()) refresh();
        const timer = main().querySelector('[data-countdown]');
        if (!timer) return;
        const left = Math.max(0, Math.ceil(Number(timer.dataset.countdown) - since()));
        // The time is shown while it is far away, and the countdown once it is near.
        const isNear = left <= Number(timer.dataset.near);
        timer.closest('.timer').hidden = !isNear;
        main().querySelector('[data-until]').hidden = isNear;
        const two = (number) => String(number).padStart(2, '0');
        const hours = Math.floor(left / 3600);
        timer.textContent = (hours ? hours + ':' : '') + two(Math.floor(left / 60) % 60) + ':' + two(left % 60);
        timer.classList.toggle('short', left < 300);
        for (const mark of [300, 60, 0]) {
            if (lastLeft > mark && left <= mark && lastLeft !== Infinity) say(timer.getAttribute('data-say-' + mark));
        }
        lastLeft = left;
    };

    // The time at which the page changes without an event: a payment page expires, or the time to pay ends.
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
            const shape = isToday ? { timeStyle: 'short' } : options;
            try {
                time.textContent = new Intl.DateTimeFormat(document.documentElement.lang + '-u-nu-latn', shape).format(date);
            } catch { /* The server's own text stays. */ }
        }
    };

    // ---- Listening ----

    let stream;
    let pollTimer;
    let pollCount = 0;
    let stumbles = 0; // Streams that failed before they were open.
    const listen = () => {
        if (stream || !isSeen() || !('live' in main().dataset)) return;
        if (!('EventSource' in window)) return poll();
        const path = location.pathname.replace(/\/+$/, '') + '/events';
        const known = '?last_event_id=' + encodeURIComponent(main().dataset.revision);
        stream = new EventSource(location.origin + path + known);
        stream.onopen = () => { pollCount = 0; stumbles = 0; };
        stream.onmessage = (event) => {
            if (event.lastEventId !== main().dataset.revision) refresh();
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

    // Without a stream, the page is fetched every few seconds. The stream is retried from time to time.
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

    // A hidden tab closes its stream, because a browser allows six connections to a host.
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

    // ---- Going back to the shop ----

    let leaveTimer;
    const leave = () => {
        clearInterval(leaveTimer);
        const link = main().querySelector('[data-leave]');
        if (main().dataset.state !== 'paid' && 'live' in main().dataset) remember('saw it unpaid');
        // A tab that is opened to look at a paid order stays.
        if (!hasDone('saw it unpaid')) return;
        // A frame may not take its window elsewhere without a click.
        if (!link || window.top !== window.self || hasDone('went back')) return;
        const box = main().querySelector('[data-leaving]');
        let left = Number(link.dataset.leave);
        box.hidden = false;
        say([document.getElementById('said').textContent, box.querySelector('span').textContent].join(' '));
        leaveTimer = setInterval(() => {
            if (!isSeen()) return;
            left -= 1;
            box.querySelector('[data-seconds]').textContent = left;
            if (left > 0) return;
            clearInterval(leaveTimer);
            remember('went back');
            location.assign(link.href);
        }, seconds);
    };

    document.addEventListener('click', (event) => {
        if (!event.target.closest('[data-stay]')) return;
        clearInterval(leaveTimer);
        remember('went back');
        main().querySelector('[data-leaving]').hidden = true;
        main().querySelector('[data-leave]').focus();
    });

    // ---- One code at a time ----

    // The stylesheet does the same by :has, which older browsers lack.
    document.addEventListener('toggle', (event) => {
        if (event.target.id === 'handoff') main().classList.toggle('handing', event.target.open);
    }, true);

    // ---- Inside WeChat ----

    const bridge = () => new Promise((ready) => {
        if (window.WeixinJSBridge) ready(window.WeixinJSBridge);
        else document.addEventListener('WeixinJSBridgeReady', () => ready(window.WeixinJSBridge), { once: true });
    });

    let isInvoking = false;
    const invoke = async (button) => {
        if (isInvoking) return;
        const parameters = JSON.parse(button.dataset.sdk);
        isInvoking = true;
        const weixin = await bridge();
        weixin.invoke('getBrandWCPayRequest', parameters, (result) => {
            isInvoking = false;
            // The page may be another buyer's, whose link this one opened: then this buyer is identified, once.
            const isRefused = result && result.err_msg === 'get_brand_wcpay_request:fail';
            if (!isRefused || !button.dataset.identify || hasDone('was identified')) return refresh(withoutNews());
            remember('was identified');
            location.assign(button.dataset.identify);
        });
    };

    document.addEventListener('click', (event) => {
        const button = event.target.closest('[data-bridge]');
        if (button) invoke(button);
    });
    // A buyer who comes back to the page may press again, even if WeChat has told nothing.
    document.addEventListener('visibilitychange', () => { isInvoking = false; });

    // The buyer has pressed before WeChat was asked who pays: the payment goes on by itself, once.
    const payAtOnce = () => {
        const url = new URL(location.href);
        if (!url.searchParams.has('pay')) return;
        url.searchParams.delete('pay');
        url.hash = ''; // WeChat's own, which survives the redirects.
        history.replaceState(null, '', url.href);
        const button = main().querySelector('[data-bridge]');
        if (button) invoke(button);
    };

    // ---- The page as it is now ----

    const settle = (isFirst = false) => {
        lastLeft = Infinity;
        tick();
        wake();
        times();
        askAgain(isFirst);
        leave();
        if (!('live' in main().dataset)) rest();
        else listen();
    };

    setInterval(tick, seconds);
    document.addEventListener('visibilitychange', comeBack);
    window.addEventListener('online', comeBack);
    window.addEventListener('offline', () => offline(true));
    window.addEventListener('pagehide', rest);
    window.addEventListener('pageshow', (event) => { if (event.persisted) comeBack(); });
    payAtOnce();
    settle(true);
})();
