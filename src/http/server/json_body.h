// SPDX-License-Identifier: Apache-2.0
//
// The small JSON objects that commands carry. Fields are read one by one; the first invalid one
// becomes the response.
//
//     JsonBody body(request, {"name"});
//     const auto name = body.text("name");
//     if (auto refusal = body.refusal()) return *refusal;
//
// Threading  one thread at a time.
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/server/handler.h"

namespace atlas::http {

class JsonBody {
public:
    // An object with no other fields than `known`. An empty body counts as {} where `may_be_empty`.
    JsonBody(const Request& request, std::initializer_list<std::string_view> known,
             bool may_be_empty = false);
    ~JsonBody();
    JsonBody(const JsonBody&) = delete;
    JsonBody& operator=(const JsonBody&) = delete;

    bool has(std::string_view name) const;
    bool is_null(std::string_view name) const;
    // nullopt when the field is absent, null, or of another kind, which is a fault.
    std::optional<std::string> text(std::string_view name);
    std::optional<bool> boolean(std::string_view name);
    std::optional<std::vector<std::string>> texts(std::string_view name);
    // RFC 3339 with a zone, or an integer of Unix milliseconds.
    std::optional<Time> time(std::string_view name);

    // Records a fault found by the caller: 400 invalid_field.
    void refuse(std::string_view field, std::string_view detail);
    const std::optional<Response>& refusal() const { return refusal_; }

private:
    struct Object;
    void check(const Request& request, std::initializer_list<std::string_view> known);

    std::unique_ptr<Object> object_;
    std::optional<Response> refusal_;
};

}  // namespace atlas::http
