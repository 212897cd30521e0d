#include "unit_openssl.h"

static size_t  unit_nth, unit_calls;


void
unit_openssl_fail(size_t nth)
{
    unit_nth = nth;
    unit_calls = 0;
}


size_t
unit_openssl_calls(void)
{
    return unit_calls;
}


#define X(type, name, parameters, arguments, failure)                        \
    type __real_##name parameters;                                           \
    type __wrap_##name parameters;                                           \
                                                                             \
    type                                                                     \
    __wrap_##name parameters                                                 \
    {                                                                        \
        return ++unit_calls == unit_nth ? failure : __real_##name arguments; \
    }
UNIT_OPENSSL(X)
#undef X
