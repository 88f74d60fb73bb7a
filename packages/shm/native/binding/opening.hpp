#pragma once

#include <napi.h>
#include <sys/types.h>

#include <string>

#include "status.hpp"

namespace rmq::binding {

// createSegment(path, options), attachSegment(path, options): a NativeSegment or a NativeFailure.
Napi::Value createSegment(const Napi::CallbackInfo& info);
Napi::Value attachSegment(const Napi::CallbackInfo& info);
// removeSegment(path, options): undefined or a NativeFailure.
Napi::Value removeSegment(const Napi::CallbackInfo& info);

// Readers of arguments: false and a TypeError thrown.
bool readPath(const Napi::Value& value, std::string& out);
bool readGroup(Napi::Env env, const Napi::Value& value, gid_t& out);

// NativeFailure.
Napi::Value failure(Napi::Env env, ring::Status s, const ring::Diagnosis& diagnosis);

}  // namespace rmq::binding
