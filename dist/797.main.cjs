exports.id=797,exports.ids=[797],exports.modules={8178:(s,o,e)=>{const t=e(1534);s.exports=t}};
