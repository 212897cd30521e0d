/*
 * The page at the door: the camera reads one card after the other, a scanner
 * of the desk types them.  Without a script the form does it.
 */

import { Door, type Said } from './door';
import type { Reader } from './zxing';

const LOOK_MS = 150;                    /* between two looks */
const SAME_MS = 4000;                   /* the same card stays in the picture */
const LAST = 8;

interface Detector {
    detect(image: CanvasImageSource): Promise<{ rawValue: string }[]>;
}

interface DetectorMaker {
    new (options: { formats: string[] }): Detector;
    getSupportedFormats(): Promise<string[]>;
}

type Find = (video: HTMLVideoElement) => Promise<string[]>;


function part<T extends HTMLElement>(id: string): T {
    const found = document.getElementById(id);

    if (!found) {
        throw new Error(`no #${id}`);
    }

    return found as T;
}


/* ---- finding a code in a picture */

async function native(): Promise<Find | null> {
    const make = (window as unknown as { BarcodeDetector?: DetectorMaker })
        .BarcodeDetector;

    if (!make || !(await make.getSupportedFormats()).includes('qr_code')) {
        return null;
    }

    const detector = new make({ formats: ['qr_code'] });

    return async (video) =>
        (await detector.detect(video)).map((code) => code.rawValue);
}


async function zxing(page: DOMStringMap): Promise<Find> {
    const module = await import(page['reader'] ?? '') as
        { open(wasm: string): Promise<Reader> };
    const read = await module.open(page['wasm'] ?? '');
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('2d', { willReadFrequently: true });

    return async (video) => {
        if (!context || video.videoWidth === 0) {
            return [];
        }

        canvas.width = video.videoWidth;
        canvas.height = video.videoHeight;
        context.drawImage(video, 0, 0);

        return read(context.getImageData(0, 0, canvas.width, canvas.height));
    };
}


/* ---- telling how it went */

let sound: AudioContext | null = null;


function beep(good: boolean): void {
    navigator.vibrate?.(good ? 60 : [90, 60, 90]);

    if (!sound) {
        return;
    }

    const tone = sound.createOscillator();
    const volume = sound.createGain();

    tone.frequency.value = good ? 880 : 220;
    volume.gain.value = 0.15;
    tone.connect(volume).connect(sound.destination);
    tone.start();
    tone.stop(sound.currentTime + (good ? 0.12 : 0.4));
}


function line(tag: string, text: string, name = ''): HTMLElement {
    const made = document.createElement(tag);

    made.textContent = text;
    made.className = name;

    return made;
}


class Page {
    private readonly scan = part('scan');
    private readonly result = part('result');
    private readonly last = part<HTMLOListElement>('last');
    private readonly says = part('camera-says');
    private readonly door: Door;
    private seen = '';
    private seenAt = 0;

    constructor() {
        const page = this.scan.dataset;

        this.door = new Door(page['post'] ?? '',
                             `wenming-door-${page['event']}`,
                             Number(page['out']), (n) => this.waits(n),
                             (said) => this.note(said));
        this.scan.hidden = false;
        this.takeForm();

        const camera = part<HTMLButtonElement>('camera');

        camera.addEventListener('click', () => {
            camera.disabled = true;
            this.open().catch(() => {
                camera.disabled = false;
                this.says.textContent = page['noCamera'] ?? '';
            });
        });
    }

    /* A scanner types into the field and presses Enter. */

    private takeForm(): void {
        const field = part<HTMLInputElement>('card');

        part<HTMLFormElement>('typed').addEventListener('submit', (event) => {
            const card = field.value.trim();

            event.preventDefault();
            field.value = '';
            field.focus();

            if (card) {
                void this.take(card);
            }
        });
    }

    private async take(card: string): Promise<void> {
        const said = await this.door.scan(card);

        beep(said.kind !== 'bad' && said.kind !== 'sign-in');
        this.show(said);
        this.note(said);

        if (said.kind === 'good' && this.scan.dataset['out'] === '0') {
            const present = part('present');

            present.textContent = String(Number(present.textContent) + 1);
        }
    }

    private words(said: Said): string {
        const page = this.scan.dataset;
        const text = { good: page['came'], again: page['again'],
                       kept: page['kept'], 'sign-in': page['signIn'],
                       bad: said.text || page['refused'] }[said.kind];

        return `${text ?? ''} ${said.kind === 'bad' ? '' : said.time}`.trim();
    }

    private show(said: Said): void {
        const box = line('div', '', `verdict ${said.kind === 'sign-in'
            ? 'bad' : said.kind}`);

        if (said.name) {
            box.append(line('p', said.name, 'who'));
        }

        box.append(line('p', this.words(said)));

        if (said.next) {
            box.append(line('p', said.next));
        }

        this.result.replaceChildren(box);
    }

    private note(said: Said): void {
        const row = document.createElement('li');

        row.append(line('b', said.name || said.time),
                   line('span', this.words(said)));
        this.last.prepend(row);
        this.last.children[LAST]?.remove();
        part('last-label').hidden = false;
    }

    private waits(n: number): void {
        const waiting = part('waiting');

        waiting.hidden = n === 0;
        waiting.textContent = `${this.scan.dataset['waiting']}${n}`;
    }

    /* ---- the camera */

    private async open(): Promise<void> {
        const video = this.scan.querySelector('video');

        if (!video || !navigator.mediaDevices) {
            throw new Error('no camera');
        }

        sound ??= new AudioContext();

        const stream = await navigator.mediaDevices.getUserMedia({
            video: { facingMode: 'environment', width: { ideal: 1280 } }
        });

        video.srcObject = stream;
        await video.play();
        video.parentElement?.classList.add('on');
        part('camera').hidden = true;
        this.torch(stream);

        const find = await native() ?? await zxing(this.scan.dataset);

        this.scan.dataset['ready'] = '1';
        void this.look(video, find);
    }

    private torch(stream: MediaStream): void {
        const track = stream.getVideoTracks()[0];
        const can = track?.getCapabilities?.() as
            (MediaTrackCapabilities & { torch?: boolean }) | undefined;
        const button = part<HTMLButtonElement>('torch');

        if (!track || !can?.torch) {
            return;
        }

        button.hidden = false;
        button.addEventListener('click', () => {
            const on = button.getAttribute('aria-pressed') !== 'true';

            button.setAttribute('aria-pressed', String(on));
            void track.applyConstraints({
                advanced: [{ torch: on } as MediaTrackConstraintSet]
            });
        });
    }

    private async look(video: HTMLVideoElement, find: Find): Promise<void> {
        for (;;) {
            let found: string[] = [];

            try {
                found = document.hidden ? [] : await find(video);

            } catch {
                /* a picture that cannot be read: the next one may be */
            }

            for (const card of found) {
                await this.saw(card);
            }

            await new Promise((done) => setTimeout(done, LOOK_MS));
        }
    }

    /* As long as it stays in the picture it is one and the same. */

    private async saw(card: string): Promise<void> {
        const now = Date.now();
        const same = card === this.seen && now - this.seenAt < SAME_MS;

        this.seen = card;
        this.seenAt = now;

        if (!same) {
            await this.take(card);
            this.seenAt = Date.now();
        }
    }
}


new Page();
