/*
 * The machine behind the screen must not fall asleep.  Browsers give the lock
 * back whenever the page is not seen, so it is asked for again.
 */

export function keepAwake(said: (kept: boolean) => void): void {
    async function ask(): Promise<void> {
        if (document.visibilityState !== 'visible') {
            return;
        }

        if (!('wakeLock' in navigator)) {
            said(false);
            return;
        }

        try {
            const lock = await navigator.wakeLock.request('screen');

            said(true);
            lock.addEventListener('release', () => void ask(), { once: true });

        } catch {
            said(false);
        }
    }

    document.addEventListener('visibilitychange', () => void ask());
    void ask();
}
