/*
 * What is being typed is kept in the browser until it has been taken: in the
 * tab (sessionStorage), as it may be about people; of a form that says so
 * (data-draft="local") for longer.  Never passwords, codes or cards.  Without
 * a network nothing is sent, and nothing is lost.
 *
 * A form that was taken leads to another page, or says that it is done; then
 * the draft goes.  A page of trouble, or to sign in, takes nothing.  Who signs
 * out leaves nothing behind for the next one at this desk.
 */

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

interface Draft {
    from: string;
    sent: boolean;
    values: Record<string, string>;
}

const SECRET = '[type=password], [autocomplete=one-time-code], [name=login], '
    + '[name=card], [name=q]';
const BEGINS = ['like', 'orders'];      /* what a form begins with */
const TYPED = 'input:not([type=hidden]):not([type=submit]), textarea, select';


function isDraft(value: unknown): value is Draft {
    return typeof value === 'object' && value !== null && 'from' in value
        && typeof value.from === 'string' && 'sent' in value
        && typeof value.sent === 'boolean' && 'values' in value
        && typeof value.values === 'object' && value.values !== null;
}


function read(store: Storage, key: string): Draft | null {
    try {
        const value: unknown = JSON.parse(store.getItem(key) ?? 'null');

        return isDraft(value) ? value : null;

    } catch {
        return null;
    }
}


function write(store: Storage, key: string, draft: Draft): void {
    try {
        store.setItem(key, JSON.stringify(draft));

    } catch {
        /* no room, or not allowed: as without a script */
    }
}


function fields(form: HTMLFormElement): Field[] {
    return [...form.querySelectorAll<Field>(TYPED)]
        .filter((field) => field.name !== '');
}


function valueOf(field: Field): string {
    return field instanceof HTMLInputElement && field.type === 'checkbox'
        ? String(field.checked) : field.value;
}


function setValue(field: Field, value: string): void {
    if (field instanceof HTMLInputElement && field.type === 'checkbox') {
        field.checked = value === 'true';

    } else {
        field.value = value;
    }
}


/* Fields of one name (days) are told apart by their place. */

function name(all: Field[], field: Field): string {
    const same = all.filter((other) => other.name === field.name);

    return `${field.name}.${same.indexOf(field)}`;
}


function values(form: HTMLFormElement): Record<string, string> {
    const all = fields(form);

    return Object.fromEntries(all.map((field) => [name(all, field),
                                                  valueOf(field)]));
}


/*
 * Which draft a form has: that of its address and record, and of what it
 * began with.  A form that comes back refused has lost the latter; it is the
 * one that was sent.
 */

function keyOf(form: HTMLFormElement, store: Storage, prefix: string): string {
    const records = [...form.querySelectorAll<HTMLInputElement>(
        '[name=person], [name=version]')].map((input) => input.value);
    const asked = new URLSearchParams(location.search);
    const began = BEGINS.flatMap((param) => asked.getAll(param));
    const base = `${prefix}${new URL(form.action).pathname}:${records}:`;
    const sent = document.querySelector('[role=alert]') !== null
        && Object.keys(store).find((key) => key.startsWith(base)
                                            && read(store, key)?.sent);

    return sent || base + began.join();
}


/* ---- drafts that have been taken */

function clean(store: Storage, prefix: string): void {
    const from = document.referrer === ''
        ? '' : new URL(document.referrer).pathname;

    if (document.querySelector('.sorry, [role=alert], [type=password]')) {
        return;
    }

    for (const key of Object.keys(store)) {
        const draft = key.startsWith(prefix) ? read(store, key) : null;

        if (draft !== null && draft.sent && draft.from === from) {
            store.removeItem(key);
        }
    }
}


function forget(store: Storage, prefix: string): void {
    for (const key of Object.keys(store)) {
        if (key.startsWith(prefix)) {
            store.removeItem(key);
        }
    }
}


/* ---- one form */

function say(form: HTMLFormElement, text: string, button: string,
             pressed: () => void): void
{
    const note = document.createElement('p');
    const drop = document.createElement('button');

    form.querySelector('[data-draft-note]')?.remove();
    note.className = 'good';
    note.setAttribute('role', 'status');
    note.dataset['draftNote'] = '';
    note.append(`${text} `);

    if (button !== '') {
        drop.type = 'button';
        drop.className = 'small';
        drop.textContent = button;
        drop.addEventListener('click', () => {
            pressed();
            note.remove();
        });
        note.append(drop);
    }

    form.prepend(note);
}


function keep(form: HTMLFormElement, prefix: string, words: DOMStringMap):
    void
{
    const store = form.dataset['draft'] === 'local' ? localStorage
                                                    : sessionStorage;
    const key = keyOf(form, store, prefix);
    const first = values(form);
    const old = read(store, key);

    const save = (sent: boolean): void => {
        write(store, key, { from: location.pathname, sent,
                            values: values(form) });
    };

    /* what the server sends back filled in is newer */

    if (old !== null && document.querySelector('[role=alert]') === null) {
        const all = fields(form);
        let changed = false;

        for (const field of all) {
            const value = old.values[name(all, field)];

            if (value !== undefined && value !== valueOf(field)) {
                setValue(field, value);
                changed = true;
            }
        }

        if (changed) {
            say(form, words['restored'] ?? '', words['drop'] ?? '', () => {
                all.forEach((field) => {
                    setValue(field, first[name(all, field)] ?? '');
                });
                store.removeItem(key);
            });
        }
    }

    form.addEventListener('input', () => save(false));
    form.addEventListener('submit', (event) => {
        if (navigator.onLine) {
            save(true);
            return;
        }

        event.preventDefault();
        save(false);
        say(form, words['offline'] ?? '', '', () => undefined);
    });
}


export function drafts(words: HTMLElement): void {
    const prefix = `wenming-draft:${words.dataset['worker']}:`;

    try {
        clean(sessionStorage, prefix);
        clean(localStorage, prefix);

        for (const form of document.forms) {
            if (new URL(form.action).pathname.endsWith('/staff/logout')) {
                form.addEventListener('submit', () => {
                    forget(sessionStorage, prefix);
                    forget(localStorage, prefix);
                });
            }

            if (form.method === 'post' && fields(form).length > 0
                && form.querySelector(SECRET) === null
                && form.closest('dialog') === null)
            {
                keep(form, prefix, words.dataset);
            }
        }

    } catch {
        /* storage is switched off */
    }
}
