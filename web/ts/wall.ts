/*
 * The screen on the wall.  It asks the server every two seconds, and shows a
 * code only while the server answers.  Cut off, or told that the server is
 * unwell, it says which within five seconds, shows nothing, and comes back by
 * itself.  Times are the server's.
 */

import { keepAwake } from './awake';
import { read, type Code, type Told } from './told';

const ASK_MS = 2000;
const AGAIN_MS = 500;                   /* after a failure */
const SLOW_MS = 30000;                  /* after a refusal, or without codes */
const PATIENCE_MS = 3000;               /* for one answer */
const CUT_MS = 3500;                    /* since an answer was asked for */
const TICK_MS = 250;
const SLOT_MS = 15000;
const RELOAD_MS = 10000;                /* not more often than that */

/* A computer that slept: one clock stood still, the other did not. */

class Since {
    private readonly steady = performance.now();
    private readonly wall = Date.now();

    get ms(): number {
        return Math.max(performance.now() - this.steady,
                        Date.now() - this.wall);
    }
}


function element(selector: string): HTMLElement {
    const found = document.querySelector<HTMLElement>(selector);

    if (found === null) {
        throw new Error(`no ${selector}`);
    }

    return found;
}


type State = 'on' | 'cut' | 'down' | 'over' | 'closed';

const body = document.body;
const frame = element('.code');
const digits = element('.digits');
const banner = element('.kind');
const count = element('.count b');
const clock = element('.clock');
const ring = element('.ring-left');
const said = body.dataset;

let good = new Since();                 /* when the last answer was asked */
let offset = 0;                         /* the server's clock is ahead */
let until = 0;                          /* the slot ends, server's time */
let shown = '';                         /* kind and slot of the image */
let shownSlot = 0;
let state: State = 'on';
let timer = 0;
let why: State = 'cut';                  /* what it means without a code */
let busy = false;                       /* one question at a time */


function serverNow(): number {
    return performance.now() + offset;
}


/* No code stays in the page: not as an image, not as digits. */

function hide(why: State): void {
    if (state !== why) {
        state = why;
        body.dataset['state'] = why;
    }

    frame.replaceChildren();
    digits.textContent = '';
    shown = '';
    shownSlot = 0;
}


function show(code: Code, image: HTMLImageElement): void {
    frame.replaceChildren(image);
    shown = `${code.kind} ${code.slot}`;
    shownSlot = code.slot;

    /* a picture that never moves burns itself in */

    body.dataset['shift'] = String(code.slot % 4);
    state = 'on';
    body.dataset['state'] = 'on';
}


function words(code: Code): void {
    const out = code.kind === 'screen-out';

    digits.textContent = code.code;
    banner.textContent = (out ? said['out'] : said['in']) ?? '';
    body.classList.toggle('out', out);
}


function within<T>(ms: number, what: Promise<T>): Promise<T> {
    return Promise.race([what, new Promise<never>((_, refuse) => {
        setTimeout(() => refuse(new Error('too late')), ms);
    })]);
}


/* The image of the slot that is due, and no other; the next one later. */

async function draw(code: Code): Promise<void> {
    const image = new Image();

    image.className = 'qr';
    image.alt = (code.kind === 'screen-out' ? said['out'] : said['in']) ?? '';
    image.src = `${said['image']}&kind=${code.kind}&slot=${code.slot}`;

    await within(PATIENCE_MS, image.decode());

    if (good.ms < CUT_MS) {
        show(code, image);
        words(code);
    }
}


function ask(after: number): void {
    clearTimeout(timer);
    timer = window.setTimeout(() => void turn(), after);
}


/* Answered: by which time the next question is due is what it returns. */

async function answered(told: Told, took: number): Promise<number> {
    count.textContent = String(told.present);

    if (told.version !== said['version'] && performance.now() > RELOAD_MS) {
        location.reload();
    }

    if (told.code === null) {
        hide('closed');
        return SLOW_MS;
    }

    until = serverNow() + told.code.left;

    /* what the page came with is no newer, and does not stay either */

    if (state === 'on' && shownSlot === 0) {
        shownSlot = told.code.slot;
    }

    if (shown === `${told.code.kind} ${told.code.slot}`) {
        words(told.code);

    } else {
        await draw(told.code);
    }

    /* the next slot begins with a question of its own */

    return Math.max(50, Math.min(ASK_MS - took, until - serverNow() + 100));
}


async function turn(): Promise<void> {
    if (busy) {
        return;
    }

    busy = true;

    const sent = new Since();
    const stop = new AbortController();
    const patience = setTimeout(() => stop.abort(), PATIENCE_MS);
    let next = AGAIN_MS;

    try {
        const answer = await fetch(said['now'] ?? '', {
            cache: 'no-store', credentials: 'omit', signal: stop.signal
        });

        if (answer.ok) {
            const told = read(await answer.json());

            if (told !== null) {
                const took = sent.ms;

                good = sent;
                offset = told.now + took / 2 - performance.now();
                next = await answered(told, took);
            }

            why = 'cut';

        } else if (answer.status >= 400 && answer.status < 500
                   && answer.status !== 408 && answer.status !== 429)
        {
            hide('over');
            next = SLOW_MS;

        } else {
            why = 'down';
        }

    } catch {
        /* no answer, or no image: the clock decides when that is too long */

        why = 'cut';
    }

    if (state === 'cut' || state === 'down') {
        hide(why);
    }

    clearTimeout(patience);
    busy = false;
    ask(next);
}


function time(ms: number): string {
    const minutes = Number(said['offset'] ?? 0);
    const at = new Date(ms + minutes * 60000);

    return at.toISOString().slice(11, 19);
}


/* Says nothing of the server: only what the last answer was, and how old. */

function tick(): void {
    const now = serverNow();
    const slot = Math.floor(now / SLOT_MS);

    if (state === 'on' && (good.ms > CUT_MS
                           || (shownSlot > 0 && slot > shownSlot + 1)))
    {
        hide(why);
        ask(0);
    }

    if (offset === 0) {
        return;
    }

    clock.textContent = time(now);

    const left = Math.max(0, Math.min(1, (until - now) / SLOT_MS));

    ring.setAttribute('stroke-dasharray', `${Math.round(left * 100)} 100`);
}


function wholeScreen(): void {
    const button = element('.whole-screen');
    const root = document.documentElement;

    if (!document.fullscreenEnabled) {
        return;
    }

    button.hidden = false;
    button.addEventListener('click', () => {
        void root.requestFullscreen({ navigationUI: 'hide' })
            .catch(() => undefined);
    });
    document.addEventListener('fullscreenchange', () => {
        button.hidden = document.fullscreenElement !== null;
    });
}


/*
 * The page would load itself anew, for browsers in which this does not run;
 * with the server away that would leave an error where the wall was.
 */

function stay(): void {
    setTimeout(() => window.stop(), 0);
}


document.documentElement.classList.add('live');
state = said['state'] === 'closed' ? 'closed' : 'on';

if (document.readyState === 'complete') {
    stay();

} else {
    window.addEventListener('load', stay, { once: true });
}

document.addEventListener('visibilitychange', () => ask(0));
window.addEventListener('online', () => ask(0));
keepAwake((kept) => { element('.awake').hidden = kept; });
wholeScreen();
setInterval(tick, TICK_MS);
void turn();
