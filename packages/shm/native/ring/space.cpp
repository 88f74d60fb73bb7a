#include "space.hpp"

#include <stdio.h>
#include <string.h>
#include <sys/statfs.h>

#include <algorithm>
#include <cstdlib>
#include <string>

namespace rmq::ring {
namespace {

constexpr uint64_t kUnlimited = ~0ull;

// A number, "max", or nothing.
bool readNumber(const std::string& path, uint64_t& value) {
  FILE* f = fopen(path.c_str(), "re");
  if (f == nullptr) return false;
  char text[64] = "";
  const bool got = fgets(text, sizeof text, f) != nullptr;
  fclose(f);
  if (!got) return false;
  value = strncmp(text, "max", 3) == 0 ? kUnlimited : strtoull(text, nullptr, 10);
  return true;
}

uint64_t droppableCache(const std::string& path, const char* prefix) {
  FILE* f = fopen(path.c_str(), "re");
  if (f == nullptr) return 0;
  uint64_t sum = 0;
  char line[128];
  const std::string active = std::string(prefix) + "active_file ";
  const std::string inactive = std::string(prefix) + "inactive_file ";
  while (fgets(line, sizeof line, f) != nullptr) {
    for (const auto& key : {active, inactive}) {
      if (strncmp(line, key.c_str(), key.size()) == 0) sum += strtoull(line + key.size(), nullptr, 10);
    }
  }
  fclose(f);
  return sum;
}

uint64_t levelAvailable(const std::string& dir, const char* limitName, const char* usageName,
                        const char* statPrefix) {
  uint64_t limit = kUnlimited;
  uint64_t usage = 0;
  // v1 writes "no limit" as the largest page-rounded signed number.
  if (!readNumber(dir + "/" + limitName, limit) || limit >= (1ull << 62)) return kUnlimited;
  if (!readNumber(dir + "/" + usageName, usage)) return kUnlimited;
  usage -= std::min(usage, droppableCache(dir + "/memory.stat", statPrefix));
  return limit > usage ? limit - usage : 0;
}

// From the process's group up to the root: any level can be the tight one. In a
// container the path may not exist below the mount; its root still does.
uint64_t climb(const std::string& root, std::string path, const char* limitName,
               const char* usageName, const char* statPrefix) {
  uint64_t available = kUnlimited;
  for (;;) {
    available = std::min(available, levelAvailable(root + path, limitName, usageName, statPrefix));
    const auto slash = path.find_last_of('/');
    if (slash == std::string::npos) return available;
    path.resize(slash);
  }
}

bool lists(const char* controllers, const char* wanted) {
  const std::string all = std::string(",") + controllers + ",";
  return all.find(std::string(",") + wanted + ",") != std::string::npos;
}

}  // namespace

uint64_t fileSystemAvailable(const char* directory) {
  struct statfs fs;
  if (statfs(directory, &fs) != 0) return kUnlimited;  // creating will tell
  if (fs.f_blocks == 0) return kUnlimited;             // tmpfs without a size
  return static_cast<uint64_t>(fs.f_bavail) * static_cast<uint64_t>(fs.f_bsize);
}

uint64_t cgroupAvailable(const char* procCgroup, const char* cgroupRoot) {
  FILE* f = fopen(procCgroup, "re");
  if (f == nullptr) return kUnlimited;
  uint64_t available = kUnlimited;
  char line[4096];
  while (fgets(line, sizeof line, f) != nullptr) {
    line[strcspn(line, "\n")] = 0;
    char* controllers = strchr(line, ':');
    if (controllers == nullptr) continue;
    *controllers++ = 0;
    char* path = strchr(controllers, ':');
    if (path == nullptr) continue;
    *path++ = 0;
    if (strcmp(path, "/") == 0) *path = 0;
    if (*controllers == 0) {
      available = std::min(available, climb(cgroupRoot, path, "memory.max", "memory.current", ""));
    } else if (lists(controllers, "memory")) {
      available = std::min(available, climb(std::string(cgroupRoot) + "/memory", path, "memory.limit_in_bytes",
                                            "memory.usage_in_bytes", "total_"));
    }
  }
  fclose(f);
  return available;
}

Status checkSpace(const char* directory, uint64_t bytes, Diagnosis& diagnosis) {
  const uint64_t onDisk = fileSystemAvailable(directory);
  const uint64_t inGroup = cgroupAvailable();
  diagnosis.neededBytes = bytes;
  diagnosis.availableBytes = std::min(onDisk, inGroup);
  if (bytes <= diagnosis.availableBytes) return Status::ok;
  diagnosis.reason = onDisk <= inGroup ? "the file system has less free space"
                                       : "the memory cgroup allows less";
  return Status::noSpace;
}

}  // namespace rmq::ring
