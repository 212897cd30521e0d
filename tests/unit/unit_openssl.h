/*
 * An OpenSSL that fails, and a malloc(): every call of core/ to one of these
 * goes through a wrapper (ld --wrap, see tests/unit/run), which can refuse one
 * of them.
 */

#ifndef WM_UNIT_OPENSSL_H
#define WM_UNIT_OPENSSL_H

#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>

/* X(type, name, parameters, arguments, what it returns when it fails) */
#define UNIT_OPENSSL(X)                                                      \
    X(void *, wm_malloc, (size_t a), (a), NULL)                              \
    X(EVP_MAC *, EVP_MAC_fetch,                                              \
      (OSSL_LIB_CTX *a, const char *b, const char *c), (a, b, c), NULL)      \
    X(EVP_MAC_CTX *, EVP_MAC_CTX_new, (EVP_MAC *a), (a), NULL)               \
    X(int, EVP_MAC_init,                                                     \
      (EVP_MAC_CTX *a, const unsigned char *b, size_t c,                     \
       const OSSL_PARAM *d), (a, b, c, d), 0)                                \
    X(int, EVP_MAC_update,                                                   \
      (EVP_MAC_CTX *a, const unsigned char *b, size_t c), (a, b, c), 0)      \
    X(int, EVP_MAC_final,                                                    \
      (EVP_MAC_CTX *a, unsigned char *b, size_t *c, size_t d),               \
      (a, b, c, d), 0)                                                       \
    X(unsigned char *, EVP_Q_mac,                                            \
      (OSSL_LIB_CTX *a, const char *b, const char *c, const char *d,         \
       const OSSL_PARAM *e, const void *f, size_t g,                         \
       const unsigned char *h, size_t i, unsigned char *j, size_t k,         \
       size_t *l), (a, b, c, d, e, f, g, h, i, j, k, l), NULL)               \
    X(EVP_KDF *, EVP_KDF_fetch,                                              \
      (OSSL_LIB_CTX *a, const char *b, const char *c), (a, b, c), NULL)      \
    X(EVP_KDF_CTX *, EVP_KDF_CTX_new, (EVP_KDF *a), (a), NULL)               \
    X(int, EVP_KDF_derive,                                                   \
      (EVP_KDF_CTX *a, unsigned char *b, size_t c, const OSSL_PARAM *d),     \
      (a, b, c, d), 0)                                                       \
    X(EVP_MD_CTX *, EVP_MD_CTX_new, (void), (), NULL)                        \
    X(int, EVP_DigestInit_ex,                                                \
      (EVP_MD_CTX *a, const EVP_MD *b, ENGINE *c), (a, b, c), 0)             \
    X(int, EVP_DigestUpdate,                                                 \
      (EVP_MD_CTX *a, const void *b, size_t c), (a, b, c), 0)                \
    X(int, EVP_DigestFinal_ex,                                               \
      (EVP_MD_CTX *a, unsigned char *b, unsigned *c), (a, b, c), 0)          \
    X(int, EVP_Digest,                                                       \
      (const void *a, size_t b, unsigned char *c, unsigned *d,               \
       const EVP_MD *e, ENGINE *f), (a, b, c, d, e, f), 0)                   \
    X(int, RAND_bytes, (unsigned char *a, int b), (a, b), 0)                 \
    X(int, EVP_PBE_scrypt,                                                   \
      (const char *a, size_t b, const unsigned char *c, size_t d,            \
       uint64_t e, uint64_t f, uint64_t g, uint64_t h, unsigned char *i,     \
       size_t j), (a, b, c, d, e, f, g, h, i, j), 0)                         \
    X(EVP_CIPHER *, EVP_CIPHER_fetch,                                        \
      (OSSL_LIB_CTX *a, const char *b, const char *c), (a, b, c), NULL)      \
    X(EVP_CIPHER_CTX *, EVP_CIPHER_CTX_new, (void), (), NULL)                \
    X(int, EVP_CipherInit_ex,                                                \
      (EVP_CIPHER_CTX *a, const EVP_CIPHER *b, ENGINE *c,                    \
       const unsigned char *d, const unsigned char *e, int f),               \
      (a, b, c, d, e, f), 0)                                                 \
    X(int, EVP_EncryptInit_ex,                                               \
      (EVP_CIPHER_CTX *a, const EVP_CIPHER *b, ENGINE *c,                    \
       const unsigned char *d, const unsigned char *e),                      \
      (a, b, c, d, e), 0)                                                    \
    X(int, EVP_EncryptUpdate,                                                \
      (EVP_CIPHER_CTX *a, unsigned char *b, int *c,                          \
       const unsigned char *d, int e), (a, b, c, d, e), 0)                   \
    X(int, EVP_EncryptFinal_ex,                                              \
      (EVP_CIPHER_CTX *a, unsigned char *b, int *c), (a, b, c), 0)           \
    X(int, EVP_DecryptInit_ex,                                               \
      (EVP_CIPHER_CTX *a, const EVP_CIPHER *b, ENGINE *c,                    \
       const unsigned char *d, const unsigned char *e),                      \
      (a, b, c, d, e), 0)                                                    \
    X(int, EVP_DecryptUpdate,                                                \
      (EVP_CIPHER_CTX *a, unsigned char *b, int *c,                          \
       const unsigned char *d, int e), (a, b, c, d, e), 0)                   \
    X(int, EVP_DecryptFinal_ex,                                              \
      (EVP_CIPHER_CTX *a, unsigned char *b, int *c), (a, b, c), 0)           \
    X(int, EVP_CIPHER_CTX_ctrl,                                              \
      (EVP_CIPHER_CTX *a, int b, int c, void *d), (a, b, c, d), 0)

/* The nth call from now on fails, just once; 0: none does. */
void unit_openssl_fail(size_t nth);

/* How many calls there were since then. */
size_t unit_openssl_calls(void);

#endif /* WM_UNIT_OPENSSL_H */
