// The console works without this script. The script fetches the page again while it is seen, and replaces the sections
// that have changed. It never touches a form that somebody fills in, or a text that somebody selects.
(() => {
    'use strict';
    const seconds = 1000;
    const pause = 5;
    const longestPause = 60;
    const main = document.getElementById('content');
    const isSeen = () => document.visibilityState !== 'hidden';

    // A form is sent once. The server would refuse most repetitions, but not say so politely.
    document.addEventListener('submit', (event) => {
        const form = event.target;
        if (form.method !== 'post') return;
        if ('sent' in form.dataset) event.preventDefault();
        form.dataset.sent = '';
    });

    // A page from the browser's memory may belong to a session that is over.
    window.addEventListener('pageshow', (event) => {
        for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent;
        if (event.persisted) location.reload();
    });

    if (!('live' in main.dataset)) return;
    const lost = document.getElementById('lost');

    // ---- What must not be replaced ----

    const isFilledIn = (form) => [...form.elements].some((field) => {
        if (field.matches('[type=hidden], button, fieldset, output')) return false;
        if (field.matches('select')) {
            const options = [...field.options];
            const chosen = options.findIndex((option) => option.defaultSelected);
            return field.selectedIndex !== Math.max(0, chosen);
        }
        if (field.matches('[type=checkbox], [type=radio]')) return field.checked !== field.defaultChecked;
        return field.value !== field.defaultValue;
    });

    const isBusy = (part) => {
        const focused = document.activeElement;
        if (part.contains(focused) && focused.matches('input, select, textarea')) return true;
        // A confirmation shows what a person decides about. It must not change under the button.
        if (part.querySelector('form.stacked[method=post]')) return true;
        const forms = part.matches('form') ? [part] : [...part.querySelectorAll('form')];
        if (forms.some((form) => 'sent' in form.dataset || isFilledIn(form))) return true;
        const selection = document.getSelection();
        return selection && !selection.isCollapsed && selection.containsNode(part, true);
    };

    // ---- Drawing ----

    // Messages come once: another fetch of the page does not have them.
    const parts = (from) => [...from.children].filter((part) => !part.matches('.flash[role=status], .lost'));
    const name = (part) => `${part.localName}#${part.id}`;
    const open = (part) => [...part.querySelectorAll('details[open][id]')].map((details) => details.id);

    // The way from a part to an element in it, which finds the same element in the part's successor.
    const way = (part, element) => {
        const steps = [];
        for (let at = element; at !== part; at = at.parentElement) {
            steps.unshift([...at.parentElement.children].indexOf(at));
        }
        return steps;
    };

    const follow = (part, steps) => steps.reduce((at, step) => at && at.children[step], part);

    const replace = (old, fresh) => {
        const focused = old.contains(document.activeElement) ? document.activeElement : null;
        const steps = focused && way(old, focused);
        for (const id of open(old)) {
            const details = fresh.querySelector(`details[id="${id}"]`);
            if (details) details.open = true;
        }
        const scrolled = [...old.querySelectorAll('.scroll')].map((region) => [region.scrollLeft, region.scrollTop]);
        old.replaceWith(fresh);
        [...fresh.querySelectorAll('.scroll')].forEach((region, index) => {
            if (scrolled[index]) [region.scrollLeft, region.scrollTop] = scrolled[index];
        });
        if (!focused) return;
        const next = (focused.id && document.getElementById(focused.id)) || follow(fresh, steps);
        if (next && next.localName === focused.localName) next.focus({ preventScroll: true });
    };

    // The markup that each part was drawn from, because a script and a person change the part itself.
    let drawn = parts(main).map((part) => part.outerHTML);

    const draw = (html) => {
        const next = new DOMParser().parseFromString(html, 'text/html');
        const fresh = next.getElementById('content');
        if (!fresh) return false;
        const olds = parts(main);
        const news = parts(fresh);
        const isSameOrder = olds.map(name).join() === news.map(name).join();
        if (!isSameOrder) {
            if (olds.some(isBusy)) return false;
            const at = document.activeElement;
            const steps = main.contains(at) && at !== main ? way(main, at) : null;
            for (const old of olds) old.remove();
            drawn = news.map((part) => part.outerHTML);
            main.append(...news);
            const same = steps && ((at.id && document.getElementById(at.id)) || follow(main, steps));
            if (same) same.focus({ preventScroll: true });
            return true;
        }
        let isWhole = true;
        olds.forEach((old, index) => {
            const markup = news[index].outerHTML;
            if (drawn[index] === markup) return;
            if (isBusy(old)) {
                isWhole = false;
                return;
            }
            replace(old, news[index]);
            drawn[index] = markup;
        });
        return isWhole;
    };

    // ---- Fetching ----

    let timer;
    let tag = '';
    let failures = 0;
    let isFetching = false;

    const later = () => {
        clearTimeout(timer);
        if (isSeen()) timer = setTimeout(refresh, Math.min(longestPause, pause * 2 ** failures) * seconds);
    };

    const fail = () => {
        failures = Math.min(failures + 1, 4);
        // One failure may be a restart.
        if (failures > 1) lost.hidden = false;
    };

    const leave = () => {
        if (parts(main).some(isBusy)) {
            lost.textContent = main.dataset.over;
            lost.hidden = false;
            return;
        }
        location.reload();
    };

    const refresh = async () => {
        if (isFetching || !isSeen()) return;
        isFetching = true;
        let isOver = false;
        try {
            const headers = { 'X-Console-Refresh': '1' };
            if (tag) headers['If-None-Match'] = tag;
            const answer = await fetch(location.href.split('#')[0], {
                headers, redirect: 'manual', cache: 'no-store', signal: AbortSignal.timeout(30 * seconds),
            });
            // A redirect leads to the sign-in page. A refusal means that the operator's role has changed.
            isOver = answer.type === 'opaqueredirect' || answer.status === 403 || answer.status === 404;
            if (answer.status === 200) {
                const html = await answer.text();
                tag = draw(html) ? answer.headers.get('ETag') || '' : '';
            }
            if (answer.ok || answer.status === 304) {
                failures = 0;
                lost.hidden = true;
            } else if (!isOver) {
                fail();
            }
        } catch {
            fail();
        }
        isFetching = false;
        if (isOver) leave();
        else later();
    };

    document.addEventListener('visibilitychange', () => {
        clearTimeout(timer);
        if (isSeen()) refresh();
    });
    window.addEventListener('online', refresh);
    window.addEventListener('offline', () => { lost.hidden = false; });
    later();
})();
