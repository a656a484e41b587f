// SPDX-License-Identifier: Apache-2.0
#include "cli/units.h"

#include "client/url.h"

namespace atlas::cli {

std::map<std::string, std::string> load_units(Api& api) {
    std::map<std::string, std::string> units;
    int pages = 0;
    for_each_page(
        api,
        [](const std::string& page_token) {
            return client::Target("/v1/attributes")
                .add("page_size", "1000")
                .add("page_token", page_token)
                .str();
        },
        [&](const std::string& body) {
            const auto response = Api::parse(body);
            const auto* list = member(response, "attributes").if_array();
            if (list == nullptr) return false;
            for (const auto& item : *list) {
                const std::string unit = text_of(item, "unit");
                if (!unit.empty()) units[text_of(item, "name")] = unit;
            }
            return ++pages < 5;
        });
    return units;
}

}  // namespace atlas::cli
