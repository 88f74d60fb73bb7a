#include "inspecting.hpp"

#include <string>
#include <vector>

#include "inspection.hpp"
#include "kernel-features.hpp"
#include "opening.hpp"
#include "sole-opener.hpp"

namespace rmq::binding {
namespace {

using ring::Inspection;
using ring::Status;

double asNumber(uint64_t value) { return static_cast<double>(value); }

Napi::Array users(Napi::Env env, const Inspection& inspection) {
  const Napi::Array list = Napi::Array::New(env);
  uint32_t count = 0;
  for (const ring::ParticipantInfo& info : inspection.participants) {
    const Napi::Object entry = Napi::Object::New(env);
    entry.Set("pid", asNumber(info.self.pid));
    entry.Set("pidNamespace", asNumber(info.self.pidNamespace));
    entry.Set("alive", info.alive);
    entry.Set("leases", static_cast<double>(info.leases));
    entry.Set("pinnedBytes", asNumber(info.pinnedBytes));
    list.Set(count++, entry);
  }
  return list;
}

Napi::Object content(Napi::Env env, const Inspection& inspection) {
  const ring::Identity& id = inspection.identity;
  const Napi::Object result = Napi::Object::New(env);
  result.Set("queue", id.mode == ring::kModeQueue);
  result.Set("description", inspection.description);
  result.Set("capacityBytes", asNumber(id.arenaBytes));
  result.Set("maxRecords", static_cast<double>(id.maxRecords));
  result.Set("createdMs", asNumber(id.createdRealtimeNs) / 1e6);
  result.Set("creatorPid", asNumber(id.creatorPid));
  result.Set("creatorPidNamespace", asNumber(id.creatorPidNamespace));
  result.Set("records", asNumber(inspection.live.records));
  result.Set("recordBytes", asNumber(inspection.live.bytes));
  result.Set("published", asNumber(inspection.counters.published));
  result.Set("retired", inspection.retired);
  result.Set("poisoned", inspection.poisoned);
  result.Set("users", users(env, inspection));
  return result;
}

// (path) → NativeInspection
Napi::Value inspectSegment(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::string path;
  if (!readPath(info[0], path)) return env.Undefined();
  Inspection inspection;
  ring::inspectSegment(path, inspection);
  const Napi::Object result = Napi::Object::New(env);
  result.Set("holders", static_cast<double>(inspection.holders));
  result.Set("entering", inspection.entering);
  const Status s = inspection.status;
  if (s == Status::ok || s == Status::staleBoot) result.Set("content", content(env, inspection));
  if (s != Status::ok) result.Set("failure", failure(env, s, inspection.diagnosis));
  return result;
}

// (path) → status
Napi::Value isUnopened(const Napi::CallbackInfo& info) {
  std::string path;
  if (!readPath(info[0], path)) return info.Env().Undefined();
  return Napi::Number::New(info.Env(), static_cast<double>(ring::proveUnopened(path)));
}

// (paths) → undefined or a NativeFailure
Napi::Value removeUnopened(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsArray()) {
    Napi::TypeError::New(env, "removeUnopened(paths)").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  const Napi::Array list = info[0].As<Napi::Array>();
  std::vector<std::string> paths(list.Length());
  for (uint32_t i = 0; i < list.Length(); ++i) {
    if (!readPath(list.Get(i), paths[i])) return env.Undefined();
  }
  ring::Diagnosis diagnosis;
  const Status s = ring::removeUnopened(paths, diagnosis);
  return s == Status::ok ? env.Undefined() : failure(env, s, diagnosis);
}

// (directory) → an errno by feature
Napi::Value kernelFeatures(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::string directory;
  if (!readPath(info[0], directory)) return env.Undefined();
  ring::KernelFeatures f;
  ring::tryKernelFeatures(directory.c_str(), f);
  const Napi::Object result = Napi::Object::New(env);
  result.Set("unnamedFiles", f.unnamedFiles);
  result.Set("reopen", f.reopen);
  result.Set("byteLocks", f.byteLocks);
  result.Set("reserving", f.reserving);
  result.Set("populating", f.populating);
  result.Set("futexes", f.futexes);
  result.Set("fileLeases", f.fileLeases);
  result.Set("fifos", f.fifos);
  return result;
}

}  // namespace

void exportInspecting(Napi::Env env, Napi::Object exports) {
  exports.Set("inspectSegment", Napi::Function::New<inspectSegment>(env, "inspectSegment"));
  exports.Set("isUnopened", Napi::Function::New<isUnopened>(env, "isUnopened"));
  exports.Set("removeUnopened", Napi::Function::New<removeUnopened>(env, "removeUnopened"));
  exports.Set("kernelFeatures", Napi::Function::New<kernelFeatures>(env, "kernelFeatures"));
}

}  // namespace rmq::binding
