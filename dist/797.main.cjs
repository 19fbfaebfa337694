exports.id=797,exports.ids=[797],exports.modules={8178:(function(e,o,s){const t=s(1534);e.exports=t})};
