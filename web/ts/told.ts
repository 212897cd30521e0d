/* What api/screen/{event}/now says; see docs/api.md. */

export interface Code {
    kind: string;
    code: string;
    slot: number;
    left: number;                       /* milliseconds of the slot */
}

export interface Told {
    now: number;
    present: number;
    version: string;
    code: Code | null;                  /* null: none are shown now */
}


function isRecord(value: unknown): value is Record<string, unknown> {
    return typeof value === 'object' && value !== null;
}


/* null: this is no answer of ours, whoever gave it. */

export function read(value: unknown): Told | null {
    if (!isRecord(value)) {
        return null;
    }

    const { now, present, version, closed, kind, code, slot } = value;
    const left = value['refresh_ms'];

    if (typeof now !== 'number' || typeof present !== 'number'
        || typeof version !== 'string')
    {
        return null;
    }

    if (closed === true) {
        return { now, present, version, code: null };
    }

    if (typeof kind !== 'string' || typeof code !== 'string'
        || typeof slot !== 'number' || typeof left !== 'number')
    {
        return null;
    }

    return { now, present, version, code: { kind, code, slot, left } };
}
