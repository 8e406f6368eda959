use super::*;

#[test]
fn the_variable_turns_it_off_or_names_a_folder() {
    assert_eq!(Place::named("off".as_ref()), Place::Off);
    let path = std::env::temp_dir().join("cache");
    assert_eq!(Place::named(path.as_os_str()), Place::Folder(path));
    for wrong in ["on", "cache", "./cache", "OFF", "~/cache"] {
        let cache = Cache::at(Place::named(wrong.as_ref()));
        let problem = cache.path().unwrap_err();
        assert!(matches!(&problem, CacheProblem::Variable { value } if value == wrong), "{problem}");
        assert!(problem.to_string().contains(wrong), "{problem}");
    }
}

#[test]
fn a_folder_is_that_of_now() {
    let cache = Cache::folder("somewhere");
    assert_eq!(cache.path().unwrap().unwrap(), std::env::current_dir().unwrap().join("somewhere"));
    assert_eq!(Cache::off().path().unwrap(), None);
}

#[test]
fn what_is_off_has_nothing() {
    assert!(Cache::off().entries().unwrap().is_empty());
    assert_eq!((Cache::off().clear().unwrap(), Cache::off().evict().unwrap()), Default::default());
}
