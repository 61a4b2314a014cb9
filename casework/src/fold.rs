//! Texts compared as people mean them: without case, without accents, without marks between words.
//!
//! Not here: languages, misspellings.

/// Lower case, without the accents of the languages that are spoken here, and with one apostrophe.
pub fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).filter_map(plain).collect()
}

/// Its words, folded, a blank between them: «Cassano d’Adda» and «CASSANO D'ADDA» are alike.
pub fn words(text: &str) -> String {
    fold(text).split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn plain(c: char) -> Option<char> {
    Some(match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ă' | 'ą' | 'ā' => 'a',
        'è' | 'é' | 'ê' | 'ë' | 'ę' | 'ě' | 'ē' | 'ė' => 'e',
        'ì' | 'í' | 'î' | 'ï' | 'ı' | 'ī' => 'i',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ő' => 'o',
        'ù' | 'ú' | 'û' | 'ü' | 'ű' | 'ū' | 'ů' => 'u',
        'ç' | 'ć' | 'č' => 'c',
        'ș' | 'ş' | 'š' | 'ś' => 's',
        'ț' | 'ţ' | 'ť' => 't',
        'ñ' | 'ń' | 'ň' => 'n',
        'ž' | 'ż' | 'ź' => 'z',
        'ł' => 'l',
        'đ' => 'd',
        'ğ' => 'g',
        'ý' => 'y',
        'ř' => 'r',
        '’' | '‘' | '`' | '´' => '\'',
        _ if is_accent(c) => return None,
        other => other,
    })
}

/// An accent that is a character of its own, as some keyboards and systems write it.
pub fn is_accent(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_marks_make_no_difference() {
        for text in ["Città d’Àdda", "CITTA' D'ADDA", "citta\u{300} d`adda"] {
            assert_eq!(words(text).replace(' ', ""), "cittadadda", "{text}");
        }
        assert_eq!((fold("È"), words(" – CPI di  Rivabella. ")), ("e".to_owned(), "cpi di rivabella".to_owned()));
        assert_eq!(words("–'-"), "");
    }
}
