/*
 * The board: a card is dragged to another column, or moved by keys.  What a
 * column means for a card is said by the card's own buttons (data-to), so a
 * move does what the button does; one that asks for something opens a dialog
 * in place of the order's page.
 */

function cards(column: Element): HTMLElement[] {
    return [...column.querySelectorAll<HTMLElement>('[data-order]')];
}


function stepTo(card: Element, status: string): HTMLElement | null {
    return card.querySelector<HTMLElement>(`[data-to="${status}"]`);
}


/* ---- the dialog of a step that asks for a team or a reason */

function asks(act: string): string {
    return act === 'decline' ? 'reason' : 'team';
}


function openStep(dialog: HTMLDialogElement, button: HTMLElement): void {
    const card = button.closest<HTMLElement>('[data-order]');
    const form = dialog.querySelector('form');
    const act = button.dataset['act'] ?? '';
    const text = button.textContent?.trim() ?? '';

    if (card === null || form === null) {
        return;
    }

    form.reset();
    form.action = `${form.action.replace(/\/staff\/orders.*$/,
                                         '/staff/orders')}/${
        card.dataset['order']}/${act}`;

    for (const part of form.querySelectorAll<HTMLElement>('[data-asks]')) {
        const used = part.dataset['asks'] === asks(act);

        part.hidden = !used;

        for (const field of part.querySelectorAll<HTMLSelectElement
             | HTMLTextAreaElement>('select, textarea'))
        {
            field.disabled = !used;
        }
    }

    const title = dialog.querySelector('#step-title');
    const what = dialog.querySelector('#step-what');
    const go = dialog.querySelector('#step-go');

    if (title !== null && what !== null && go !== null) {
        title.textContent = text;
        what.textContent = card.querySelector('.name')?.textContent ?? '';
        go.textContent = text;
    }

    dialog.showModal();
}


function steps(root: HTMLElement, dialog: HTMLDialogElement): void {
    root.addEventListener('click', (event) => {
        const target = event.target;
        const link = target instanceof Element
            ? target.closest<HTMLElement>('a[data-act]') : null;

        if (link === null || link.dataset['act'] === 'schedule'
            || event.ctrlKey || event.metaKey || event.shiftKey)
        {
            return;
        }

        event.preventDefault();
        openStep(dialog, link);
    });

    dialog.querySelector('#step-no')?.addEventListener('click', () => {
        dialog.close();
    });
}


/* ---- moving */

function move(card: HTMLElement, column: HTMLElement): void {
    const said = document.getElementById('board-said');
    const button = stepTo(card, column.dataset['status'] ?? '');

    if (button !== null) {
        button.click();

    } else if (said !== null) {
        said.textContent = said.dataset['cannot'] ?? '';
    }
}


function dragging(columns: HTMLElement[]): void {
    let lifted: HTMLElement | null = null;

    const drop = (): void => {
        lifted?.classList.remove('lifted');
        lifted = null;
        columns.forEach((c) => c.classList.remove('takes'));
    };

    for (const column of columns) {
        for (const card of cards(column)) {
            card.draggable = card.querySelector('[data-to]') !== null;

            card.addEventListener('dragstart', (event) => {
                lifted = card;
                card.classList.add('lifted');
                event.dataTransfer?.setData('text/plain',
                                            card.dataset['order'] ?? '');
            });

            card.addEventListener('dragend', drop);
        }

        column.addEventListener('dragover', (event) => {
            if (lifted !== null && !column.contains(lifted)
                && stepTo(lifted, column.dataset['status'] ?? '') !== null)
            {
                event.preventDefault();
                column.classList.add('takes');
            }
        });

        column.addEventListener('dragleave', () => {
            column.classList.remove('takes');
        });

        column.addEventListener('drop', (event) => {
            event.preventDefault();

            const card = lifted;

            drop();

            if (card !== null) {
                move(card, column);
            }
        });
    }
}


/* Arrows go from card to card; with Shift, the card goes to a column. */

function keys(columns: HTMLElement[]): void {
    const step: Record<string, [number, number]> = {
        ArrowLeft: [-1, 0], ArrowRight: [1, 0],
        ArrowUp: [0, -1], ArrowDown: [0, 1]
    };

    columns.forEach((column, x) => {
        for (const card of cards(column)) {
            card.tabIndex = 0;
            card.setAttribute('aria-describedby', 'board-keys');

            card.addEventListener('keydown', (event) => {
                const way = step[event.key];

                if (event.target !== card) {
                    return;
                }

                if (event.key === 'Enter') {
                    card.querySelector<HTMLElement>('.name')?.click();
                    return;
                }

                if (way === undefined) {
                    return;
                }

                event.preventDefault();

                if (event.shiftKey) {
                    const to = columns[x + way[0]];

                    if (to !== undefined && way[0] !== 0) {
                        move(card, to);
                    }

                    return;
                }

                focusNear(columns, x, cards(column).indexOf(card), way);
            });
        }
    });
}


function focusNear(columns: HTMLElement[], x: number, y: number,
                   way: [number, number]): void
{
    if (way[1] !== 0) {
        const column = columns[x];

        if (column !== undefined) {
            cards(column)[y + way[1]]?.focus();
        }

        return;
    }

    for (let i = x + way[0]; ; i += way[0]) {
        const column = columns[i];

        if (column === undefined) {
            return;
        }

        const list = cards(column);

        if (list.length > 0) {
            list[Math.min(y, list.length - 1)]?.focus();
            return;
        }
    }
}


export function board(root: HTMLElement): void {
    const dialog = document.querySelector<HTMLDialogElement>('dialog#step');
    const columns = [...root.querySelectorAll<HTMLElement>('[data-status]')];

    if (dialog !== null && typeof dialog.showModal === 'function') {
        steps(root, dialog);
    }

    dragging(columns);
    keys(columns);
}
