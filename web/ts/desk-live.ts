/*
 * The roster while people arrive: asks every few seconds whether anything
 * has changed, and only then takes the rows of the page anew.  Not while the
 * page is hidden, nor while somebody fills in a form of a row.
 */

const EVERY_MS = 4000;
const SLOW_MS = 30000;


interface Presence {
    present: number;
    mark: string;
}


function isPresence(value: unknown): value is Presence {
    return typeof value === 'object' && value !== null
        && 'present' in value && typeof value.present === 'number'
        && 'mark' in value && typeof value.mark === 'string';
}


function busy(rows: Element): boolean {
    return rows.querySelector('details[open]') !== null
        || rows.contains(document.activeElement);
}


/* The answer to a form stands at another address than the page. */

async function renew(page: string, rows: Element): Promise<boolean> {
    const query = location.pathname.endsWith(page) ? location.search : '';
    const answer = await fetch(page + query,
                               { headers: { Accept: 'text/html' } });

    if (!answer.ok || answer.redirected) {
        return false;
    }

    const parsed = new DOMParser().parseFromString(await answer.text(),
                                                 'text/html');
    const fresh = parsed.getElementById('rows');

    if (fresh === null || busy(rows)) {
        return false;
    }

    rows.replaceChildren(...[...fresh.children]
        .map((row) => document.importNode(row, true)));

    return true;
}


export function live(root: HTMLElement): void {
    const address = root.dataset['live'];
    const page = root.dataset['page'];
    const count = document.getElementById('present');
    const rows = document.getElementById('rows');
    let mark = root.dataset['mark'] ?? '';

    if (address === undefined || page === undefined || count === null
        || rows === null)
    {
        return;
    }

    const look = async (): Promise<number> => {
        if (document.hidden) {
            return EVERY_MS;
        }

        const answer = await fetch(address,
                                   { headers: { Accept: 'application/json' } });

        if (!answer.ok) {
            return SLOW_MS;
        }

        const seen: unknown = await answer.json();

        if (!isPresence(seen) || seen.mark === mark) {
            return EVERY_MS;
        }

        if (count.textContent !== String(seen.present)) {
            count.textContent = String(seen.present);
        }

        if (!busy(rows) && await renew(page, rows)) {
            mark = seen.mark;
        }

        return EVERY_MS;
    };

    const again = (after: number): void => {
        setTimeout(() => {
            look().catch(() => SLOW_MS).then(again, () => again(SLOW_MS));
        }, after);
    };

    again(EVERY_MS);
}
