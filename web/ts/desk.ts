/* What a script adds to the workers' desk; all of it works without. */

import { board } from './desk-board';

const root = document.querySelector<HTMLElement>('[data-board]');

if (root !== null) {
    board(root);
}
