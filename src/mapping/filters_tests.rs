use super::*;

#[test]
fn every_name_of_the_lists_is_installed() {
    let mut env = Environment::empty();
    install(&mut env);
    for Filter { name, .. } in FILTERS {
        let error = env.compile_expression_owned(format!("1|{name}")).unwrap().eval(()).err();
        assert_ne!(error.map(|e| e.kind()), Some(ErrorKind::UnknownFilter), "{name}");
    }
    for name in TESTS {
        let error = env.compile_expression_owned(format!("1 is {name}")).unwrap().eval(()).err();
        assert_ne!(error.map(|e| e.kind()), Some(ErrorKind::UnknownTest), "{name}");
    }
}

#[test]
fn they_write_for_brazilians() {
    let mut env = Environment::empty();
    install(&mut env);
    let moment = Value::from_object(Moment::of(crate::event::Timestamp::from_secs(1_772_452_800)));
    for (expression, expected) in [
        ("394.6 | brl", "R$ 394,60"),
        ("1234.565 | brl", "R$ 1.234,57"),
        ("'MARIA DA SILVA' | first_name", "Maria"),
        ("when | date('dd/MM/yyyy HH:mm')", "02/03/2026 09:00"),
        ("when | weekday", "segunda-feira"),
        ("1 | plural('item', 'itens')", "item"),
        ("[1, 2] | plural('item', 'itens')", "itens"),
        ("'5527999998888' | phone_mask", "+55 27 9****-8888"),
    ] {
        let context = minijinja::context! { when => moment.clone() };
        let value = env.compile_expression(expression).unwrap().eval(context).unwrap();
        assert_eq!(value.as_str(), Some(expected), "{expression}");
    }
}
