/*
 * What is good for a short time only is loaded anew before it ends, and when
 * somebody takes up the phone again after that.
 */

export function reloadInTime(root: Document): void {
    const shown = root.querySelector<HTMLElement>('[data-reload]');
    const ms = Number(shown?.dataset['reload'] ?? 0);
    const since = Date.now();

    if (ms <= 0) {
        return;
    }

    const look = (): void => {
        if (!root.hidden && Date.now() - since >= ms) {
            location.reload();
        }
    };

    setInterval(look, 5000);
    root.addEventListener('visibilitychange', look);
}
