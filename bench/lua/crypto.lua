-- What the domain needs of OpenSSL, through LuaJIT's FFI: contexts are made
-- once and used again.

local ffi = require 'ffi'
local bit = require 'bit'

local C = ffi.C
local band, bor, lshift, rshift = bit.band, bit.bor, bit.lshift, bit.rshift

ffi.cdef [[
typedef struct evp_md_st EVP_MD;
typedef struct hmac_ctx_st HMAC_CTX;
typedef struct evp_cipher_st EVP_CIPHER;
typedef struct evp_cipher_ctx_st EVP_CIPHER_CTX;
typedef struct engine_st ENGINE;

const EVP_MD *EVP_sha256(void);
HMAC_CTX *HMAC_CTX_new(void);
int HMAC_Init_ex(HMAC_CTX *ctx, const void *key, int len, const EVP_MD *md,
    ENGINE *impl);
int HMAC_Update(HMAC_CTX *ctx, const unsigned char *data, size_t len);
int HMAC_Final(HMAC_CTX *ctx, unsigned char *md, unsigned int *len);

const EVP_CIPHER *EVP_aes_256_gcm(void);
EVP_CIPHER_CTX *EVP_CIPHER_CTX_new(void);
int EVP_EncryptInit_ex(EVP_CIPHER_CTX *ctx, const EVP_CIPHER *type,
    ENGINE *impl, const unsigned char *key, const unsigned char *iv);
int EVP_EncryptUpdate(EVP_CIPHER_CTX *ctx, unsigned char *out, int *outl,
    const unsigned char *in, int inl);
int EVP_EncryptFinal_ex(EVP_CIPHER_CTX *ctx, unsigned char *out, int *outl);
int EVP_CIPHER_CTX_ctrl(EVP_CIPHER_CTX *ctx, int type, int arg, void *ptr);

int RAND_bytes(unsigned char *buf, int num);
unsigned char *SHA1(const unsigned char *d, size_t n, unsigned char *md);
]]

local _M = {}

local GET_TAG = 0x10                    -- EVP_CTRL_GCM_GET_TAG
local ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

local buffer = ffi.new('unsigned char[?]', 4096)
local length = ffi.new('int[1]')
local sum_length = ffi.new('unsigned int[1]')


-- A function that gives the first 16 bytes of HMAC-SHA256.

function _M.mac(key)
    local ctx = C.HMAC_CTX_new()
    assert(C.HMAC_Init_ex(ctx, key, #key, C.EVP_sha256(), nil) == 1)

    return function(text)
        C.HMAC_Init_ex(ctx, nil, 0, nil, nil)
        C.HMAC_Update(ctx, text, #text)
        C.HMAC_Final(ctx, buffer, sum_length)
        return ffi.string(buffer, 16)
    end
end


local hex = {}
for i = 0, 255 do
    hex[i] = string.format('%02x', i)
end

function _M.sha1(text)
    local out = {}

    C.SHA1(text, #text, buffer)
    for i = 1, 20 do
        out[i] = hex[buffer[i - 1]]
    end

    return table.concat(out)
end


function _M.random(n)
    assert(C.RAND_bytes(buffer, n) == 1)
    return ffi.string(buffer, n)
end


-- AES-256-GCM: nonce, ciphertext, tag.

local cipher = C.EVP_aes_256_gcm()
local context = C.EVP_CIPHER_CTX_new()

function _M.seal(key, aad, plain)
    local n = #plain

    assert(C.RAND_bytes(buffer, 12) == 1
           and C.EVP_EncryptInit_ex(context, cipher, nil, key, buffer) == 1
           and C.EVP_EncryptUpdate(context, nil, length, aad, #aad) == 1
           and C.EVP_EncryptUpdate(context, buffer + 12, length, plain, n)
               == 1
           and C.EVP_EncryptFinal_ex(context, buffer + 12 + n, length) == 1
           and C.EVP_CIPHER_CTX_ctrl(context, GET_TAG, 16, buffer + 12 + n)
               == 1)

    return ffi.string(buffer, 12 + n + 16)
end


-- Crockford's base32.

local value = {}
for i = 1, 32 do
    local letter = ALPHABET:sub(i, i)
    value[letter:byte()] = i - 1
    value[letter:lower():byte()] = i - 1
end

local letters = ffi.new('unsigned char[32]', {ALPHABET:byte(1, 32)})

function _M.base32(bytes)
    local acc, bits, n = 0, 0, 0

    for i = 1, #bytes do
        acc = bor(lshift(band(acc, 0xff), 8), bytes:byte(i))
        bits = bits + 8
        while bits >= 5 do
            bits = bits - 5
            buffer[n] = letters[band(rshift(acc, bits), 31)]
            n = n + 1
        end
    end

    if bits > 0 then
        buffer[n] = letters[band(lshift(acc, 5 - bits), 31)]
        n = n + 1
    end

    return ffi.string(buffer, n)
end


-- nil: not exactly n bytes in base32

function _M.unbase32(text, n)
    local acc, bits, at = 0, 0, 0

    if #text ~= math.ceil(n * 8 / 5) then
        return nil
    end

    for i = 1, #text do
        local v = value[text:byte(i)]
        if not v then
            return nil
        end
        acc = bor(lshift(band(acc, 0xff), 5), v)
        bits = bits + 5
        if bits >= 8 then
            bits = bits - 8
            buffer[at] = band(rshift(acc, bits), 0xff)
            at = at + 1
        end
    end

    if band(acc, lshift(1, bits) - 1) ~= 0 then
        return nil
    end

    return ffi.string(buffer, at)
end


return _M
