// SPDX-License-Identifier: Apache-2.0
#include "storage/hot_state.h"

#include <simdjson.h>

#include <string>

namespace atlas::storage {

void for_each_member(std::string_view object,
                     const std::function<void(std::string_view, std::string_view)>& use) {
    thread_local simdjson::ondemand::parser parser;
    const simdjson::padded_string padded(object);
    simdjson::ondemand::document document;
    simdjson::ondemand::object root;
    if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
        document.get_object().get(root) != simdjson::SUCCESS) {
        return;
    }
    for (auto field : root) {
        std::string_view name;
        simdjson::ondemand::value value;
        std::string_view raw;
        if (field.unescaped_key().get(name) != simdjson::SUCCESS ||
            field.value().get(value) != simdjson::SUCCESS) {
            return;
        }
        // The key lives in the parser's buffer, which the value may overwrite.
        const std::string kept(name);
        if (simdjson::to_json_string(value).get(raw) != simdjson::SUCCESS) return;
        while (!raw.empty() && raw.back() == ' ') raw.remove_suffix(1);
        use(kept, raw);
    }
}

}  // namespace atlas::storage
