create function f(text, text) returns bool language internal immutable strict support textlike_support as 'textlike';
