/*
 * A form goes out once: the second of two taps is dropped, and the button
 * says that something is under way.  What comes back from the history, or
 * was never answered, may be sent again; its key makes sure that it counts
 * once.
 */

const WAIT_MS = 15000;


function hold(form: HTMLFormElement): void {
    form.dataset['sent'] = '';

    for (const button of form.querySelectorAll('button')) {
        button.setAttribute('aria-busy', 'true');
    }
}


function release(form: HTMLFormElement): void {
    delete form.dataset['sent'];

    for (const button of form.querySelectorAll('button')) {
        button.removeAttribute('aria-busy');
    }
}


export function guardForms(root: Document): void {
    root.addEventListener('submit', (event) => {
        const form = event.target;

        if (!(form instanceof HTMLFormElement) || event.defaultPrevented) {
            return;
        }

        if (form.dataset['sent'] !== undefined) {
            event.preventDefault();
            return;
        }

        hold(form);
        setTimeout(() => release(form), WAIT_MS);
    });

    window.addEventListener('pageshow', () => {
        root.querySelectorAll('form').forEach(release);
    });
}
