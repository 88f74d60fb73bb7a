#pragma once

#include <napi.h>

namespace rmq::binding {

// An ArrayBuffer of its own for bytes that are about to be written in full, so
// not zeroed. Null if there is no memory; then no exception is pending.
napi_value newPayload(napi_env env, size_t length, void** data);

}  // namespace rmq::binding
