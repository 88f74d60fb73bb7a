#include "opening.hpp"

#include "arguments.hpp"
#include "segment-object.hpp"
#include "segment.hpp"

namespace rmq::binding {
namespace {

using ring::AttachOptions;
using ring::Attachment;
using ring::CreateOptions;
using ring::Diagnosis;
using ring::Status;

// False: a getter threw.
bool option(const Napi::Object& options, const char* name, Napi::Value& out) {
  out = options.Get(name);
  return !out.IsEmpty();
}

bool readOption(const Napi::Object& options, const char* name, uint64_t& out, const char* message) {
  Napi::Value value;
  return option(options, name, value) && readUint64(options.Env(), value, out, message);
}

bool readOption(const Napi::Object& options, const char* name, uint32_t& out, const char* message) {
  Napi::Value value;
  return option(options, name, value) && readUint32(options.Env(), value, UINT32_MAX, out, message);
}

bool readOption(const Napi::Object& options, const char* name, std::string& out, const char* message) {
  Napi::Value value;
  if (!option(options, name, value)) return false;
  if (!value.IsString()) return refuse(options.Env(), message);
  out = value.As<Napi::String>().Utf8Value();
  return true;
}

// Leaves `out` alone where nothing is said.
bool readFlag(const Napi::Object& options, const char* name, bool& out, const char* message) {
  Napi::Value value;
  if (!option(options, name, value)) return false;
  return value.IsUndefined() || readBool(options.Env(), value, out, message);
}

bool readOptions(const Napi::Object& options, AttachOptions& out) {
  Napi::Value group;
  if (!option(options, "group", group) || !readGroup(options.Env(), group, out.group)) return false;
  if (!readOption(options, "lockTimeoutNs", out.lockTimeoutNs, "lockTimeoutNs must be a number")) return false;
  return readFlag(options, "prefaultArena", out.prefaultArena, "prefaultArena must be a boolean");
}

bool readRemove(const Napi::Object& options, ring::Remove& out) {
  bool onlyIfEmpty = false;
  if (!readFlag(options, "onlyIfEmpty", onlyIfEmpty, "onlyIfEmpty must be a boolean")) return false;
  out = onlyIfEmpty ? ring::Remove::ifEmpty : ring::Remove::always;
  return true;
}

bool readMode(const Napi::Object& options, uint32_t& out) {
  bool queue = false;
  if (!readFlag(options, "queue", queue, "queue must be a boolean")) return false;
  out = queue ? ring::kModeQueue : ring::kModeTopic;
  return true;
}

bool readOptions(const Napi::Object& options, CreateOptions& out) {
  return readMode(options, out.ring.mode) &&
         readOption(options, "capacityBytes", out.ring.capacityBytes, "capacityBytes must be a number") &&
         readOption(options, "maxRecords", out.ring.maxRecords, "maxRecords must be a number") &&
         readOption(options, "maxRecordBytes", out.ring.maxRecordBytes, "maxRecordBytes must be a number") &&
         readOption(options, "ttlNs", out.ring.ttlNs, "ttlNs must be a number") &&
         readOption(options, "participants", out.ring.participants, "participants must be a number") &&
         readOption(options, "leaseBudgetBytes", out.ring.leaseBudgetBytes, "leaseBudgetBytes must be a number") &&
         readOption(options, "description", out.description, "description must be a string");
}

bool readOptionsObject(const Napi::Value& value, Napi::Object& out) {
  if (!value.IsObject()) return refuse(value.Env(), "options must be an object");
  out = value.As<Napi::Object>();
  return true;
}

Napi::Value opened(Napi::Env env, Status s, std::unique_ptr<Attachment> attachment, const Diagnosis& diagnosis) {
  if (s != Status::ok) return failure(env, s, diagnosis);
  return Napi::Value(env, SegmentObject::create(env, std::move(attachment)));
}

}  // namespace

bool readPath(const Napi::Value& value, std::string& out) {
  if (!value.IsString()) return refuse(value.Env(), "a path must be a string");
  out = value.As<Napi::String>().Utf8Value();
  if (!out.empty() && out.find('\0') == std::string::npos) return true;
  return refuse(value.Env(), "a path must not be empty, nor contain a null byte");
}

bool readGroup(Napi::Env env, const Napi::Value& value, gid_t& out) {
  return value.IsUndefined() || readUint32(env, value, ring::kNoGroup - 1, out, "group must be a group's number");
}

Napi::Value failure(Napi::Env env, Status s, const Diagnosis& diagnosis) {
  const Napi::Object result = Napi::Object::New(env);
  result.Set("status", static_cast<double>(s));
  result.Set("errno", static_cast<double>(diagnosis.systemErrno));
  result.Set("expectedAbi", static_cast<double>(diagnosis.expectedAbi));
  result.Set("foundAbi", static_cast<double>(diagnosis.foundAbi));
  result.Set("neededBytes", static_cast<double>(diagnosis.neededBytes));
  result.Set("availableBytes", static_cast<double>(diagnosis.availableBytes));
  result.Set("reason", diagnosis.reason);
  return result;
}

Napi::Value createSegment(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::string path;
  Napi::Object options;
  AttachOptions attach;
  CreateOptions create;
  if (!readPath(info[0], path) || !readOptionsObject(info[1], options) || !readOptions(options, attach) ||
      !readOptions(options, create)) {
    return env.Undefined();
  }
  std::unique_ptr<Attachment> attachment;
  Diagnosis diagnosis;
  const Status s = ring::createSegment(path, create, attach, attachment, diagnosis);
  return opened(env, s, std::move(attachment), diagnosis);
}

Napi::Value attachSegment(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::string path;
  Napi::Object options;
  AttachOptions attach;
  if (!readPath(info[0], path) || !readOptionsObject(info[1], options) || !readOptions(options, attach)) {
    return env.Undefined();
  }
  std::unique_ptr<Attachment> attachment;
  Diagnosis diagnosis;
  const Status s = ring::attachSegment(path, attach, attachment, diagnosis);
  return opened(env, s, std::move(attachment), diagnosis);
}

Napi::Value removeSegment(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::string path;
  Napi::Object options;
  AttachOptions attach;
  ring::Remove remove;
  if (!readPath(info[0], path) || !readOptionsObject(info[1], options) || !readOptions(options, attach) ||
      !readRemove(options, remove)) {
    return env.Undefined();
  }
  Diagnosis diagnosis;
  const Status s = ring::removeSegment(path, attach, diagnosis, remove);
  return s == Status::ok ? env.Undefined() : failure(env, s, diagnosis);
}

}  // namespace rmq::binding
