/*
 * What was scanned goes to the server, one after the other.  Without a
 * network it waits in this browser, with its time and its key, and goes later;
 * what is older than the server takes is dropped.
 */

const KEPT_MS = 12 * 3600 * 1000;
const AGAIN_MS = 15000;
const TIMEOUT_MS = 8000;

interface Scanned {
    card: string;
    out: number;
    at: string;
    key: string;
}

export interface Said {
    kind: 'good' | 'again' | 'bad' | 'kept' | 'sign-in';
    name: string;
    time: string;
    text: string;
    next: string;
}

interface Document {
    name?: string;
    again?: boolean;
    in_text?: string;
    out_text?: string;
    status?: string;
    title?: string;
    detail?: string;
}


function key(): string {
    const bytes = crypto.getRandomValues(new Uint8Array(16));

    return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}


function clock(at: string): string {
    return new Date(at).toTimeString().slice(0, 5);
}


export class Door {
    private waiting: Scanned[];
    private busy = false;

    constructor(private readonly url: string, private readonly place: string,
                private readonly out: number,
                private readonly changed: (n: number) => void,
                private readonly late: (said: Said) => void)
    {
        this.waiting = this.load();
        window.addEventListener('online', () => void this.flush());
        setInterval(() => void this.flush(), AGAIN_MS);
        this.changed(this.waiting.length);
        void this.flush();
    }

    async scan(card: string): Promise<Said> {
        const scanned = { card, out: this.out, at: new Date().toISOString(),
                          key: key() };
        const said = await this.send(scanned, false);

        if (said.kind === 'kept' || said.kind === 'sign-in') {
            this.waiting.push(scanned);
            this.store();
        }

        return said;
    }

    private async flush(): Promise<void> {
        if (this.busy) {
            return;
        }

        this.busy = true;

        try {
            for (let next = this.waiting[0]; next; next = this.waiting[0]) {
                const said = await this.send(next, true);

                if (said.kind === 'kept' || said.kind === 'sign-in') {
                    break;
                }

                this.waiting = this.waiting.filter((s) => s !== next);
                this.store();
                this.late(said);
            }

        } finally {
            this.busy = false;
        }
    }

    /* The time is only told of what comes late: else it is the server's. */

    private async send(scanned: Scanned, late: boolean): Promise<Said> {
        const body = { card: scanned.card, out: scanned.out,
                       ...(late ? { at: scanned.at } : {}) };
        const given = new AbortController();
        const timer = setTimeout(() => given.abort(), TIMEOUT_MS);

        try {
            const answer = await fetch(this.url, {
                method: 'POST', signal: given.signal,
                credentials: 'same-origin',
                headers: { 'Content-Type': 'application/json',
                           'Idempotency-Key': late ? `${scanned.key}-late`
                                                   : scanned.key },
                body: JSON.stringify(body)
            });

            return this.read(answer, await answer.json() as Document,
                             scanned);

        } catch {
            return this.kept(scanned);

        } finally {
            clearTimeout(timer);
        }
    }

    private kept(scanned: Scanned): Said {
        return { kind: 'kept', name: '', time: clock(scanned.at), text: '',
                 next: '' };
    }

    private read(answer: Response, doc: Document, scanned: Scanned): Said {
        const time = scanned.out ? doc.out_text : doc.in_text;

        if (answer.ok) {
            return { kind: doc.again ? 'again' : 'good',
                     name: doc.name ?? '', time: time ?? '', text: '',
                     next: '' };
        }

        if (answer.status >= 500 || answer.status === 429) {
            return this.kept(scanned);
        }

        return { kind: answer.status === 401 ? 'sign-in' : 'bad',
                 name: doc.name ?? '', time: clock(scanned.at),
                 text: doc.title ?? '', next: doc.detail ?? '' };
    }

    private load(): Scanned[] {
        try {
            const text = localStorage.getItem(this.place) ?? '[]';
            const all = JSON.parse(text) as Scanned[];
            const oldest = Date.now() - KEPT_MS;

            return all.filter((s) => Date.parse(s.at) > oldest);

        } catch {
            return [];
        }
    }

    private store(): void {
        try {
            localStorage.setItem(this.place, JSON.stringify(this.waiting));

        } catch {
            /* a private window: it waits as long as the page is open */
        }

        this.changed(this.waiting.length);
    }
}
