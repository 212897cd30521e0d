/* Finds QR codes where the browser itself cannot: zxing as WebAssembly. */

import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';

export type Reader = (image: ImageData) => Promise<string[]>;


export async function open(wasm: string): Promise<Reader> {
    await prepareZXingModule({
        overrides: { locateFile: () => wasm },
        fireImmediately: true
    });

    return async (image) => {
        const found = await readBarcodes(image, {
            formats: ['QRCode'], maxNumberOfSymbols: 1, tryHarder: true
        });

        return found.map((code) => code.text);
    };
}
