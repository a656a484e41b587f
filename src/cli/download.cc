// SPDX-License-Identifier: Apache-2.0
#include "cli/download.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "cli/present.h"

namespace atlas::cli {
namespace {

namespace fs = std::filesystem;

bool is_stdout(const std::string& path) {
    return path.empty() || path == "-";
}

// The format that the ending of a file's name says.
std::string format_of(const std::string& path) {
    const std::string ending = fs::path(path).extension().string();
    if (ending.empty() || ending == ".jsonl") return "ndjson";
    const std::string word = ending.substr(1);
    if (std::ranges::count(format_words(), word) > 0) return word;
    throw CommandError(
        fmt::format("the ending of {} says no format: end it with .csv, .ndjson or .parquet, or "
                    "give --format",
                    path),
        2);
}

// Where the bytes go until the last of them is there.
class Output {
public:
    explicit Output(const std::string& path) {
        if (is_stdout(path)) {
            file_ = stdout;
            name_ = "standard output";
            return;
        }
        std::error_code error;
        const fs::path real = fs::canonical(path, error);
        name_ = error ? path : real.string();
        // A device or a pipe has no bytes under its name.
        const bool whole = error || fs::is_regular_file(real);
        written_ = whole ? fmt::format("{}.{}.part", name_, ::getpid()) : name_;
        const int flags = O_WRONLY | O_CLOEXEC | (whole ? O_CREAT | O_EXCL : 0);
        const int descriptor = ::open(written_.c_str(), flags, 0666);
        file_ = descriptor < 0 ? nullptr : ::fdopen(descriptor, "wb");
        if (file_ == nullptr) fail();
        owned_ = true;
        is_part_ = whole;
    }
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;
    ~Output() {
        if (!owned_) return;
        std::fclose(file_);
        if (is_part_) ::unlink(written_.c_str());
    }

    void write(std::string_view part) {
        if (std::fwrite(part.data(), 1, part.size(), file_) != part.size()) fail();
    }

    void finish() {
        if (std::fflush(file_) != 0) fail();
        if (!owned_) return;
        if (is_part_ && ::fsync(::fileno(file_)) != 0) fail();
        owned_ = false;
        if (std::fclose(file_) != 0 ||
            (is_part_ && ::rename(written_.c_str(), name_.c_str()) != 0)) {
            const int why = errno;
            if (is_part_) ::unlink(written_.c_str());
            errno = why;
            fail();
        }
    }

private:
    [[noreturn]] void fail() const {
        throw CommandError(fmt::format("cannot write {}: {}", name_, std::strerror(errno)));
    }

    std::FILE* file_ = nullptr;
    std::string name_;
    std::string written_;
    bool owned_ = false;
    bool is_part_ = false;
};

}  // namespace

const std::vector<std::string>& format_words() {
    static const std::vector<std::string> kWords{"csv", "ndjson", "parquet"};
    return kWords;
}

std::string choose_format(const std::string& format, const std::string& path) {
    const std::string chosen = format.empty() ? format_of(path) : format;
    if (chosen == "parquet" && is_stdout(path) && stdout_terminal().is_terminal) {
        throw CommandError(fmt::format("{} is no text for a terminal: give --out FILE", chosen), 2);
    }
    return chosen;
}

Downloaded download(Api& api, const client::Request& request, const std::string& path) {
    Output output(path);
    Downloaded done;
    const auto response = api.client().receive(request, [&](std::string_view part) {
        output.write(part);
        done.bytes += part.size();
    });
    if (!response && done.bytes > 0) {
        throw CommandError(fmt::format("the response broke off after {}, so {}: {}",
                                       with_unit(static_cast<double>(done.bytes), "bytes"),
                                       is_stdout(path) ? "what was printed is not all"
                                                       : fmt::format("{} is not written", path),
                                       response.error().detail));
    }
    done.response = expect_success(response);
    output.finish();
    return done;
}

}  // namespace atlas::cli
