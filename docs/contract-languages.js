// The two languages of contracts, for highlight.js: FlatBuffers schemas and WIT.
(function () {
    'use strict';

    // Doc comments and comments, with the words that other languages' comments know.
    function comments(hljs) {
        return [hljs.COMMENT('//', '$'), hljs.COMMENT('/\\*', '\\*/')];
    }

    hljs.registerLanguage('fbs', function (hljs) {
        return {
            keywords: {
                keyword: 'attribute enum file_extension file_identifier include namespace root_type rpc_service struct '
                    + 'table union',
                built_in: 'bool byte double float float32 float64 int int16 int32 int64 int8 long short string ubyte uint '
                    + 'uint16 uint32 uint64 uint8 ulong ushort',
                literal: 'true false null inf nan',
            },
            contains: comments(hljs).concat([hljs.QUOTE_STRING_MODE, hljs.C_NUMBER_MODE]),
        };
    });

    hljs.registerLanguage('wit', function (hljs) {
        return {
            keywords: {
                keyword: 'as async constructor enum export flags func import include interface package record resource '
                    + 'static type use variant with world',
                built_in: 'bool borrow char f32 f64 future list option own result s16 s32 s64 s8 stream string tuple u16 u32 '
                    + 'u64 u8',
            },
            contains: comments(hljs),
        };
    });

    // The script of the book has been through all blocks before this one is loaded, and knew neither.
    document.querySelectorAll('code.language-fbs, code.language-wit').forEach(function (block) {
        hljs.highlightBlock(block);
    });
}());
