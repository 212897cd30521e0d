/* What a script adds to the workers' desk; all of it works without. */

import { board } from './desk-board';
import { drafts } from './desk-draft';
import { live } from './desk-live';

function each(selector: string, improve: (root: HTMLElement) => void): void {
    document.querySelectorAll<HTMLElement>(selector).forEach(improve);
}

each('[data-board]', board);
each('[data-live]', live);
each('[data-drafts]', drafts);
