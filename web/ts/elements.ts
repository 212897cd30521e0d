/*
 * Parts of our pages in the pages of other sites:
 *
 *     <wenming-menu unit="" practice="" limit="6"><a href="…">…</a></…>
 *     <wenming-timetable unit="" days="7">…</wenming-timetable>
 *     <wenming-event id="17">…</wenming-event>
 *
 * What stands inside is shown until the fragment has come, when it does not
 * come, and where no script runs.
 */

declare const STYLE: string;            /* css/elements.css, by the build */

/* this file is …/wenming/a/elements-HASH.js */

const BASE = new URL('..', import.meta.url);


let sheet: CSSStyleSheet | undefined;


/* A sheet that was made by a script is no inline style to a strict CSP. */

function dress(root: ShadowRoot): void {
    if ('adoptedStyleSheets' in root
        && 'replaceSync' in CSSStyleSheet.prototype)
    {
        sheet ??= new CSSStyleSheet();
        sheet.replaceSync(STYLE);
        root.adoptedStyleSheets = [sheet];
        return;
    }

    const style = document.createElement('style');

    style.textContent = STYLE;
    root.append(style);
}


abstract class Fragment extends HTMLElement {
    readonly #box: HTMLDivElement;
    readonly #fallback: HTMLSlotElement;
    #shown = '';                        /* address of what is there */
    #running: AbortController | undefined;
    #due = false;

    constructor() {
        super();

        const root = this.attachShadow({ mode: 'open' });

        dress(root);
        this.#box = document.createElement('div');
        this.#fallback = document.createElement('slot');
        root.append(this.#box);
        this.#fall();
    }

    /* Fragment and page below the base; undefined: nothing to show yet. */

    protected abstract fragment(): string | undefined;
    protected abstract page(): string;

    connectedCallback(): void {
        this.#later();
    }

    disconnectedCallback(): void {
        this.#running?.abort();
        this.#running = undefined;
        this.removeAttribute('aria-busy');
    }

    attributeChangedCallback(): void {
        this.#later();
    }

    /* The attributes as a query, those that are there. */

    protected query(...names: string[]): string {
        const query = new URLSearchParams();

        for (const name of names) {
            const value = this.getAttribute(name)?.trim();

            if (value) {
                query.set(name, value);
            }
        }

        const text = query.toString();

        return text === '' ? '' : `?${text}`;
    }

    /* Several attributes that change at once are one request. */

    #later(): void {
        if (this.#due) {
            return;
        }

        this.#due = true;
        queueMicrotask(() => {
            this.#due = false;

            if (this.isConnected) {
                void this.#load();
            }
        });
    }

    async #load(): Promise<void> {
        const path = this.fragment();

        this.#running?.abort();
        this.#running = undefined;

        if (path === undefined) {
            this.removeAttribute('aria-busy');
            this.#fall();
            return;
        }

        const address = new URL(path, BASE).href;

        if (address === this.#shown) {
            this.removeAttribute('aria-busy');
            return;
        }

        const running = new AbortController();

        this.#running = running;
        this.setAttribute('aria-busy', 'true');

        const parts = await fetched(address, running.signal);

        if (this.#running !== running) {
            return;                     /* it was overtaken, or taken away */
        }

        this.#running = undefined;
        this.removeAttribute('aria-busy');

        if (parts === undefined) {
            this.#fall();
            return;
        }

        this.#shown = address;
        this.#box.className = 'box full';
        this.#box.textContent = '';
        this.#box.append(...parts);
    }

    /* What the page has for this case; else where to look. */

    #fall(): void {
        const link = document.createElement('a');

        link.href = new URL(this.page(), BASE).href;
        link.textContent = link.href;

        this.#shown = '';
        this.#box.className = 'box';
        this.#fallback.textContent = '';
        this.#fallback.append(link);
        this.#box.textContent = '';
        this.#box.append(this.#fallback);
    }
}


/* Nothing of the visitor goes along, and no script of it would run. */

async function fetched(address: string, signal: AbortSignal):
    Promise<Node[] | undefined>
{
    try {
        const answer = await fetch(address, {
            credentials: 'omit', referrerPolicy: 'no-referrer', signal
        });

        if (!answer.ok) {
            return undefined;
        }

        const page = new DOMParser().parseFromString(await answer.text(),
                                                     'text/html');

        return [...page.body.childNodes];

    } catch {
        return undefined;
    }
}


class Menu extends Fragment {
    static readonly observedAttributes = ['unit', 'practice', 'project',
                                         'limit'];

    protected override fragment(): string {
        return `fragment/menu${this.query(...Menu.observedAttributes)}`;
    }

    protected override page(): string {
        return 'menu';
    }
}


class Timetable extends Fragment {
    static readonly observedAttributes = ['unit', 'days'];

    protected override fragment(): string {
        return `fragment/timetable${
            this.query(...Timetable.observedAttributes)}`;
    }

    protected override page(): string {
        return `timetable${this.query('unit')}`;
    }
}


class OneEvent extends Fragment {
    static readonly observedAttributes = ['id'];

    protected override fragment(): string | undefined {
        return /^[0-9]+$/.test(this.id) ? `fragment/event/${this.id}`
                                        : undefined;
    }

    protected override page(): string {
        return /^[0-9]+$/.test(this.id) ? `event/${this.id}` : 'timetable';
    }
}


for (const [name, element] of [
    ['wenming-menu', Menu], ['wenming-timetable', Timetable],
    ['wenming-event', OneEvent]
] as const) {
    if (customElements.get(name) === undefined) {
        customElements.define(name, element);
    }
}
