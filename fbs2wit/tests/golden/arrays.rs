//! Generated codecs of arrays against flatc.

use super::codec::round_trip;
use super::expected::arrays::types::{Any, Board, Color, Doors, Grid, Pixel, Sparse};
use super::expected::arrays::{DecodeError, FlatBuffer, fb};

#[test]
fn arrays_agree_with_flatc() {
    let pixel = r#"{"color": "Blue", "at": [1, -2]}"#;
    let grid = format!(
        r#"{{"bytes": [0, 128, 255], "numbers": [1, -9223372036854775808, 3, 9223372036854775807],
            "ratios": [0.5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], "one": [-2.25], "bools": [true, false],
            "colors": ["Red", "Blue"], "sparse": ["High", 7], "doors": ["Left Right", 0, "Left", "Right", 0],
            "pixels": [{pixel}, {{"color": "Green", "at": [3, 4]}}], "pixel": {pixel}}}"#
    );
    for json in [
        format!(r#"{{"must": {pixel}}}"#),
        format!(r#"{{"must": {pixel}, "grid": {grid}, "grids": [{grid}, {grid}], "any_type": "Grid", "any": {grid}}}"#),
    ] {
        round_trip::<Board>("arrays", "Test.Grids.Board", &json);
    }
}

#[test]
fn elements_stay_where_they_are() {
    let pixel = Pixel { color: Color::Green, at: [5, -6] };
    let grid = Grid {
        bytes: [1, 2, 3],
        numbers: [4, 5, 6, i64::MIN],
        ratios: std::array::from_fn(|i| i as f32),
        one: [0.25],
        bools: [false, true],
        colors: [Color::Blue, Color::Red],
        sparse: [Sparse::High, Sparse::from(9)],
        doors: [Doors::LEFT, Doors::empty(), Doors::all(), Doors::RIGHT, Doors::LEFT],
        pixels: [pixel, Pixel::default()],
        pixel,
    };
    let board = Board { grid: Some(grid), must: pixel, grids: vec![grid, Grid::default()], any: Any::Grid(grid) };
    assert_eq!(Board::from_flatbuffer(&board.to_flatbuffer()), Ok(board));
}

#[test]
fn an_element_without_a_name_is_an_error() {
    let grid = fb::Grid::new(
        &[0; 3],
        &[0; 4],
        &[0.0; 16],
        &[0.0],
        &[false; 2],
        &[fb::Color::Red, fb::Color(3)],
        &[fb::Sparse(0); 2],
        &[fb::Doors(0); 5],
        &[fb::Pixel::default(); 2],
        &fb::Pixel::default(),
    );
    let mut builder = flatbuffers::FlatBufferBuilder::new();
    let must = fb::Pixel::default();
    let args = fb::BoardArgs { grid: Some(&grid), must: Some(&must), ..Default::default() };
    let root = fb::Board::create(&mut builder, &args);
    builder.finish(root, None);
    let error = Board::from_flatbuffer(builder.finished_data()).unwrap_err();
    assert_eq!(error, DecodeError::UnknownEnumValue { field: "Grid.colors", value: 3 });
}
