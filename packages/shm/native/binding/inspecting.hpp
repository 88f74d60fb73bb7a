#pragma once

#include <napi.h>

namespace rmq::binding {

// What tools for people ask: inspectSegment, isUnopened, removeUnopened,
// kernelFeatures; see addon-types.ts.
void exportInspecting(Napi::Env env, Napi::Object exports);

}  // namespace rmq::binding
