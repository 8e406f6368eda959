//! Recursive types: generated codecs against flatc, trees as lists of nodes, and lists that are no trees.

use hookr_abi::{InvalidValue, MAX_NESTING};

use super::codec::round_trip;
use super::expected::recursive::types::{
    Call, Company, Depth, Either, Empty, Expr, Forest, Holder, Index, Kind, Link, Lists, NewLists, Node, Nodes, Not,
    Number, Person, Place,
};
use super::expected::recursive::{self, DecodeError, EncodeError, FlatBuffer, fb, wire};

const NOT: &str = r#"{"of_type": "Name", "of": "x", "twice": {"of_type": "At", "of": {"line": 1, "column": 2}}}"#;

fn call() -> String {
    format!(
        r#"{{"callee_type": "Not", "callee": {NOT}, "arguments_type": ["Number", "Call", "Negated"],
            "arguments": [{{"value": 2.5}}, {{"more_type": [], "more": []}}, {NOT}], "more_type": ["Nothing", "Name"],
            "more": [{{}}, "y"], "maybe_type": [], "maybe": [], "target_type": "Call",
            "target": {{"more_type": ["Name"], "more": ["z"]}}}}"#
    )
}

fn node() -> String {
    let must = r#""must": {"line": 3, "column": 4}"#;
    let leaf = |name: &str| format!(r#"{{"name": "{name}", {must}, "first": []}}"#);
    format!(
        r#"{{"name": "root", "kind": "Leaf", "place": {{"line": 1, "column": 65535}}, {must},
            "children": [{}, {{"name": "b", "kind": 9, {must}, "first": [{}], "left": {}}}], "first": [{}], "maybe": [],
            "left": {}, "tags": ["", "t"], "nothing": {{}}, "nothings": [{{}}, {{}}], "maybe_nothings": [],
            "link": {{"value": 1, "next": {{"value": 2}}}}, "links": [{{}}, {{"next": {{"next": {{"value": -1}}}}}}],
            "expr_type": "Call", "expr": {}, "exprs_type": ["Number", "Not"], "exprs": [{{"value": 1}}, {NOT}]}}"#,
        leaf("a"),
        leaf("b1"),
        leaf("b2"),
        leaf("first"),
        leaf("left"),
        call()
    )
}

#[test]
fn trees_agree_with_flatc() {
    round_trip::<Link>("recursive", "Test.Trees.Link", r#"{"value": 1, "next": {"next": {"next": {"value": 4}}}}"#);
    round_trip::<Node>("recursive", "Test.Trees.Node", &node());
    let person = |key: &str| format!(r#"{{"key": "{key}"}}"#);
    let company = format!(
        r#"{{"name": "c", "boss": {}, "staff": [{}, {}, {{"key": "x", "employer": {{"boss": {}}}}}]}}"#,
        person("b"),
        person("z"),
        person("a"),
        person("y")
    );
    round_trip::<Company>("recursive", "Test.Trees.Company", &company);
    round_trip::<Person>("recursive", "Test.Trees.Person", &format!(r#"{{"key": "p", "employer": {company}}}"#));
    let link = r#"{"value": 5, "next": {}}"#;
    let holder = format!(
        r#"{{"link": {link}, "links": [{link}, {{}}], "must": {link}, "any_type": "Call", "any": {}, "all_type": ["Not"],
            "all": [{NOT}]}}"#,
        call()
    );
    round_trip::<Forest>("recursive", "Test.Trees.Forest", r#"{"must": {}}"#);
    round_trip::<Forest>(
        "recursive",
        "Test.Trees.Forest",
        &format!(
            r#"{{"one": {0}, "must": {link}, "many": [{0}, {0}], "some": [], "expr_type": "Call", "expr": {1},
                "exprs_type": ["Call", "Name"], "exprs": [{1}, "n"], "maybe_exprs_type": ["Not"], "maybe_exprs": [{NOT}],
                "either_type": "Two", "either": {holder}, "eithers_type": ["Link", "Person", "Text"],
                "eithers": [{link}, {2}, "t"], "person": {2}, "people": [{2}], "firm": {company}, "holder": {holder},
                "plain": {{"value": 1}}}}"#,
            node(),
            call(),
            person("q")
        ),
    );
}

fn link(values: &[i32]) -> Option<Box<Link>> {
    values.iter().rev().fold(None, |next, &value| Some(Box::new(Link { value, next })))
}

fn leaf(name: &str) -> Node {
    Node { name: name.into(), ..Node::default() }
}

fn expr() -> Expr {
    let not = |of, twice| Not { of, twice };
    let inner = not(Expr::At(Place { line: 1, column: 2 }), Some(Box::new(not(Expr::Name("n".into()), None))));
    Expr::Call(Box::new(Call {
        callee: Expr::Negated(Box::new(inner)),
        arguments: vec![Expr::Number(Number { value: 0.5 }), Expr::None, Expr::Call(Box::default())],
        more: vec![Expr::Nothing(Empty {})],
        maybe: Some(vec![Expr::Name(String::new())]),
        target: Expr::Not(Box::new(not(Expr::Number(Number::default()), None))),
    }))
}

fn company() -> Company {
    let person = |key: &str, employer: Option<Company>| Person { key: key.into(), employer: employer.map(Box::new) };
    let other = Company { name: "other".into(), boss: Box::new(person("o", None)), staff: vec![] };
    Company {
        name: "one".into(),
        boss: Box::new(person("boss", None)),
        staff: vec![person("a", None), person("b", Some(other))],
    }
}

fn root() -> Node {
    Node {
        kind: Kind::from(7),
        place: Some(Place { line: 1, column: 2 }),
        children: vec![leaf("a"), Node { left: Some(Box::new(leaf("b1"))), first: vec![leaf("b2")], ..leaf("b") }],
        first: vec![leaf("first")],
        maybe: Some(vec![leaf("maybe")]),
        left: Some(Box::new(leaf("left"))),
        tags: vec!["t".into()],
        nothing: Some(Empty {}),
        nothings: vec![Empty {}; 2],
        maybe_nothings: Some(vec![]),
        link: link(&[1, 2, 3]).map(|link| *link),
        links: vec![Link::default()],
        expr: expr(),
        exprs: vec![expr(), Expr::None],
        ..leaf("root")
    }
}

fn forest() -> Forest {
    let [holder, other] = [[1, 2], [3, 4]].map(|values| Holder {
        link: link(&values).map(|link| *link),
        links: vec![],
        must: Link::default(),
        any: expr(),
        all: vec![Expr::None, expr()],
    });
    Forest {
        one: Some(root()),
        must: *link(&[9, 8]).unwrap(),
        many: vec![leaf("x"), root()],
        some: Some(vec![leaf("y")]),
        expr: expr(),
        exprs: vec![Expr::Name("n".into()), expr()],
        maybe_exprs: Some(vec![]),
        either: Either::Two(holder),
        eithers: vec![
            Either::Person(Person::default()),
            Either::None,
            Either::Link(Link::default()),
            Either::Text("t".into()),
        ],
        person: Some(*company().boss),
        people: company().staff,
        firm: Some(company()),
        holder: Some(other),
        plain: Some(Number { value: 1.5 }),
        names: names(),
    }
}

/// The names that generated code uses for itself are no hindrance.
fn names() -> Nodes {
    let index = Index { order: Some(Box::default()), types: Some(Link::default()) };
    let value = recursive::types::InvalidValue {
        index: vec![Lists::default(); 2],
        root: Some(Box::new(Depth { nodes: vec![Default::default()], open: None })),
        found: vec![NewLists { lists_list: None, known: Some(Box::new(index)) }],
        build: None,
    };
    let item = vec![Nodes::Node(leaf("n")), Nodes::Lists(Box::default()), Nodes::None];
    let below = Nodes::InvalidValue(Box::default());
    Nodes::Lists(Box::new(Lists {
        depth: None,
        value: Some(Box::new(value)),
        item,
        below,
        self_: vec![Lists::default()],
    }))
}

#[test]
fn trees_stay_what_they_are() {
    for forest in [forest(), Forest::default()] {
        assert_eq!(Forest::try_from(wire::Forest::try_from(&forest).unwrap()), Ok(forest.clone()));
        assert_eq!(Forest::from_flatbuffer(&forest.to_flatbuffer().unwrap()), Ok(forest));
    }
    let default = Company::default();
    assert_eq!(Company::try_from(wire::CompanyTree::try_from(&default).unwrap()), Ok(default));
}

#[test]
fn a_node_stands_before_those_below_it_and_the_root_first() {
    let tree = wire::NodeTree2::try_from(&root()).unwrap();
    let names: Vec<&str> = tree.node_list.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["root", "a", "b", "b2", "b1", "first", "maybe", "left"]);
    assert_eq!((tree.root, &tree.node_list[0].children[..], tree.node_list[0].left), (0, &[1, 2][..], Some(7)));
    // What it holds of another group is a tree of its own.
    let link = tree.node_list[0].link.as_ref().unwrap();
    assert_eq!(link.link_list.iter().map(|link| link.next).collect::<Vec<_>>(), [Some(1), Some(2), None]);

    let tree = wire::CompanyTree::try_from(&company()).unwrap();
    assert_eq!(tree.company_list.iter().map(|company| company.boss).collect::<Vec<_>>(), [0, 3]);
    let employers: Vec<_> = tree.person_list.iter().map(|person| person.employer).collect();
    assert_eq!(employers, [None, None, Some(1), None]);

    let tree = wire::ExprTree::try_from(&expr()).unwrap();
    let wire::Expr::Call(root) = tree.root else { panic!("{tree:?}") };
    assert_eq!(tree.call_list[root as usize].callee, wire::Expr::Negated(0));
    assert_eq!(tree.not_list[0].twice, Some(1));
}

/// Every list of up to three links, with every root and every index: those that are one chain are accepted, and no other.
#[test]
fn no_lists_but_those_of_a_tree_are_accepted() {
    let nexts = [None, Some(0), Some(1), Some(2), Some(3), Some(u32::MAX)];
    let mut accepted = 0;
    for length in 0..=3_usize {
        for choice in 0..nexts.len().pow(length as u32) {
            let next = |i: usize| nexts[choice / nexts.len().pow(i as u32) % nexts.len()];
            let link_list: Vec<_> = (0..length).map(|i| wire::Link { value: i as i32, next: next(i) }).collect();
            for root in 0..=4 {
                let mut seen = vec![];
                let mut at = Some(root);
                while let Some(index) = at.filter(|index| (*index as usize) < length && !seen.contains(index)) {
                    seen.push(index);
                    at = link_list[index as usize].next;
                }
                let is_chain = at.is_none() && seen.len() == length;
                let tree = wire::LinkTree { root, link_list: link_list.clone() };
                let lifted = Link::try_from(tree);
                assert_eq!(lifted.is_ok(), is_chain, "{root} {link_list:?} {lifted:?}");
                let values: Vec<u32> = std::iter::successors(lifted.as_ref().ok(), |link| link.next.as_deref())
                    .map(|link| link.value as u32)
                    .collect();
                assert!(!is_chain || values == seen);
                accepted += usize::from(is_chain);
            }
        }
    }
    assert_eq!(accepted, 1 + 2 + 6);
}

#[test]
fn errors_say_which_node_it_is() {
    let company = |boss, staff: &[u32]| wire::Company { name: String::new(), boss, staff: staff.into() };
    let person = |employer| wire::Person { key: String::new(), employer };
    let lift = |companies: &[wire::Company], people: &[Option<u32>], root| {
        let person_list = people.iter().map(|employer| person(*employer)).collect();
        Company::try_from(wire::CompanyTree { root, person_list, company_list: companies.into() })
    };
    let (person, company_name) = ("Person".into(), "Company".into());
    assert!(lift(&[company(1, &[0])], &[None, None], 0).is_ok());
    let error = lift(&[company(1, &[0])], &[None], 0).unwrap_err();
    assert_eq!(error, InvalidValue::NoSuchNode { table: person, index: 1, nodes: 1 });
    assert_eq!(error.to_string(), "there is no node 1 of `Person` among 1");
    // Shared by two.
    let error = lift(&[company(0, &[1, 0])], &[None, None], 0).unwrap_err();
    assert_eq!(error, InvalidValue::SharedNode { table: "Person".into(), index: 0 });
    // Holds itself by way of another table.
    let error = lift(&[company(0, &[])], &[Some(0)], 0).unwrap_err();
    assert_eq!(error, InvalidValue::SharedNode { table: company_name, index: 0 });
    assert_eq!(error.to_string(), "the node 0 of `Company` is referred to more than once");
    // Left over, with and without a cycle.
    let error = lift(&[company(0, &[])], &[None, None], 0).unwrap_err();
    assert_eq!(error, InvalidValue::UnusedNode { table: "Person".into(), index: 1 });
    let error = lift(&[company(0, &[]), company(1, &[])], &[None, Some(1)], 0).unwrap_err();
    assert_eq!(error, InvalidValue::UnusedNode { table: "Company".into(), index: 1 });
    assert_eq!(error.to_string(), "nothing refers to the node 1 of `Company`");
    let error = lift(&[], &[], 0).unwrap_err();
    assert_eq!(error, InvalidValue::NoSuchNode { table: "Company".into(), index: 0, nodes: 0 });
    // In a tree inside of a tree's node, a union's tree, a list of trees.
    let bad = || wire::LinkTree { root: 1, link_list: vec![wire::Link { value: 0, next: None }] };
    let none = InvalidValue::NoSuchNode { table: "Link".into(), index: 1, nodes: 1 };
    let mut tree = wire::NodeTree2::try_from(&root()).unwrap();
    tree.node_list[0].links.push(bad());
    assert_eq!(Node::try_from(tree), Err(none.clone()));
    let mut value = wire::Forest::try_from(&forest()).unwrap();
    value.eithers.push(wire::Either::Link(bad()));
    assert_eq!(Forest::try_from(value), Err(none));
    let mut value = wire::Forest::try_from(&forest()).unwrap();
    value.exprs[0].root = wire::Expr::Call(7);
    assert_eq!(Forest::try_from(value), Err(InvalidValue::NoSuchNode { table: "Call".into(), index: 7, nodes: 0 }));
}

/// A list of so many links.
fn chain(length: u32) -> Link {
    let mut link = Link::default();
    for _ in 1..length {
        link = Link { value: 0, next: Some(Box::new(link)) };
    }
    link
}

/// Dropping a deep list would recurse as deep.
fn dismantle(mut link: Link) {
    while let Some(next) = link.next.take() {
        link = *next;
    }
}

#[test]
fn depth_is_limited_both_ways() {
    let deepest = chain(MAX_NESTING);
    let tree = wire::LinkTree::try_from(&deepest).unwrap();
    assert_eq!(Link::try_from(tree.clone()), Ok(deepest.clone()));
    assert_eq!(Link::from_flatbuffer(&deepest.to_flatbuffer().unwrap()), Ok(deepest));

    let too_deep = chain(MAX_NESTING + 1);
    assert_eq!(wire::LinkTree::try_from(&too_deep), Err(InvalidValue::TooDeep));
    assert_eq!(too_deep.to_flatbuffer(), Err(EncodeError::TooDeep));
    let mut tree = tree;
    tree.link_list.push(wire::Link { value: 0, next: None });
    tree.link_list[MAX_NESTING as usize - 1].next = Some(MAX_NESTING);
    assert_eq!(Link::try_from(tree), Err(InvalidValue::TooDeep));

    // What is around a tree counts.
    let forest = |length| Forest { must: chain(length), ..Forest::default() };
    let deepest = forest(MAX_NESTING - 1);
    assert_eq!(Forest::try_from(wire::Forest::try_from(&deepest).unwrap()), Ok(deepest.clone()));
    assert_eq!(Forest::from_flatbuffer(&deepest.to_flatbuffer().unwrap()), Ok(deepest));
    let too_deep = forest(MAX_NESTING);
    assert_eq!(wire::Forest::try_from(&too_deep), Err(InvalidValue::TooDeep));
    assert_eq!(too_deep.to_flatbuffer(), Err(EncodeError::TooDeep));
    let mut value = wire::Forest::try_from(&forest(1)).unwrap();
    value.must = wire::LinkTree::try_from(&too_deep.must).unwrap();
    assert_eq!(Forest::try_from(value), Err(InvalidValue::TooDeep));
}

#[test]
fn a_million_levels_do_not_overflow_the_stack() {
    let deep = chain(1_000_000);
    assert_eq!(wire::LinkTree::try_from(&deep), Err(InvalidValue::TooDeep));
    assert_eq!(deep.to_flatbuffer(), Err(EncodeError::TooDeep));
    let mut builder = flatbuffers::FlatBufferBuilder::new();
    assert_eq!(deep.write(&mut builder), Err(EncodeError::TooDeep));
    // The builder is good for the next one.
    let shallow = chain(3);
    shallow.write(&mut builder).unwrap();
    assert_eq!(Link::from_flatbuffer(builder.finished_data()), Ok(shallow));
    dismantle(deep);

    let link_list = (1..=1_000_000).map(|i| wire::Link { value: 0, next: Some(i) }).collect();
    assert_eq!(Link::try_from(wire::LinkTree { root: 0, link_list }), Err(InvalidValue::TooDeep));
    // As wide as it likes.
    let wide = Node { children: (0..100_000).map(|i| leaf(&i.to_string())).collect(), ..leaf("") };
    assert_eq!(Node::try_from(wire::NodeTree2::try_from(&wide).unwrap()), Ok(wide));
}

#[test]
fn a_buffer_that_is_too_deep_is_an_error() {
    let buffer = |length: u32| {
        let mut builder = flatbuffers::FlatBufferBuilder::new();
        let mut next = None;
        for _ in 0..length {
            next = Some(fb::Link::create(&mut builder, &fb::LinkArgs { value: 1, next }));
        }
        builder.finish(next.unwrap(), None);
        builder.finished_data().to_vec()
    };
    assert_eq!(<Link as FlatBuffer>::DEPTH, MAX_NESTING as usize);
    assert!(Link::from_flatbuffer(&buffer(MAX_NESTING)).is_ok());
    for length in [MAX_NESTING + 1, 100_000] {
        let error = Link::from_flatbuffer(&buffer(length)).unwrap_err();
        assert!(matches!(error, DecodeError::Invalid(_)), "{error}");
    }
}

/// A node that is shared at every level stands for as many nodes as there are ways to it.
#[test]
fn sharing_does_not_unfold() {
    let node = |children: Vec<u32>| wire::Node {
        children,
        ..wire::NodeTree2::try_from(&leaf("")).unwrap().node_list.remove(0)
    };
    let mut node_list: Vec<_> = (1..=40).map(|i| node(vec![i, i])).collect();
    node_list.push(node(vec![]));
    let error = Node::try_from(wire::NodeTree2 { root: 0, node_list }).unwrap_err();
    assert_eq!(error, InvalidValue::SharedNode { table: "Node".into(), index: 40 });

    let mut builder = flatbuffers::FlatBufferBuilder::new();
    let name = builder.create_string("");
    let none = builder.create_vector::<flatbuffers::ForwardsUOffset<fb::Node<'_>>>(&[]);
    let place = fb::Place::default();
    let args = |children| fb::NodeArgs {
        name: Some(name),
        must: Some(&place),
        first: Some(none),
        children,
        ..Default::default()
    };
    let mut at = fb::Node::create(&mut builder, &args(None));
    for _ in 0..40 {
        let children = builder.create_vector(&[at, at]);
        at = fb::Node::create(&mut builder, &args(Some(children)));
    }
    builder.finish(at, None);
    let error = Node::from_flatbuffer(builder.finished_data()).unwrap_err();
    assert!(matches!(error, DecodeError::Invalid(_)), "{error}");
}
