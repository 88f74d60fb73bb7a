#pragma once

#include <napi.h>

namespace rmq::binding {

// What shared memory needs beside rings to meet an original robotmq.
void exportLegacy(Napi::Env env, Napi::Object exports);

}  // namespace rmq::binding
